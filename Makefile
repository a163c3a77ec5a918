# The two commands are `make run` and `make test`; each can be stopped and repeated. `make help` lists all.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help run test check setup train model-zh clean

export RASA_TELEMETRY_ENABLED := false

UV := .tools/bin/uv
ANZE := .venv/bin/anze

help:  ## 列出这些命令
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup  ## 装好环境、训练模型（需要时）、建好演示数据，启动全部服务
	@$(ANZE) train
	exec $(ANZE) serve --demo

test: setup  ## 补齐缺少的东西，跑全部测试
	@scripts/test-tools
	$(ANZE) train
	exec .venv/bin/python scripts/test.py

check: setup  ## 格式、静态检查、类型检查（两个环境）
	@echo "== ruff format"; .venv/bin/ruff format --check .
	echo "== ruff check"; .venv/bin/ruff check .
	echo "== mypy (anze, actions)"; .venv/bin/mypy
	echo "== mypy (bot)"; cd bot && .venv/bin/mypy

setup: .venv/ready bot/.venv/ready  ## 按 uv.lock 装好两个 Python 环境

train: setup  ## 训练模型（没有变化就不重复训练）
	@exec $(ANZE) train

model-zh: setup  ## 从 spaCy 的发布页安装 zh_core_web_sm（没有它也能用）
	@exec scripts/model-zh

clean:  ## 删掉环境、模型和缓存；数据目录 var/ 不动
	rm -rf .venv bot/.venv .tools .rasa bot/.rasa models/anze.tar.gz models/anze.json models/.training*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis bot/.mypy_cache bot/.pytest_cache bot/.ruff_cache

$(UV):
	@scripts/get-uv

# uv looks for the Python of .python-version from the folder it is started in, so it is started in each project's.
.venv/ready: pyproject.toml uv.lock .python-version | $(UV)
	@scripts/sync . 3.12

bot/.venv/ready: bot/pyproject.toml bot/uv.lock bot/.python-version | $(UV)
	@scripts/sync bot 3.10
