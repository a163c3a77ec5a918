"""The names that somebody's question may hold: branches of the own tree, providers, provinces, firms."""

import re
from functools import cache
from pathlib import Path

import yaml
from pypinyin import lazy_pinyin
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from anze.conversations.normalise import normalise
from anze.identity.branches import branches_of
from anze.identity.models import Branch
from anze.identity.speaker import Speaker
from anze.obligations.asking.model import Names
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.providers.models import Provider

_ENDINGS = ("省分公司", "市分公司", "分公司", "支公司", "市", "省", "公司")
_FIRM = re.compile(
    r"(?:有限责任公司|股份有限公司|有限公司|化工|矿业|煤业|铜业|铝业|钢铁|冶炼|铸造|花炮|烟花|石油|集团|厂)"
)
_WHOLE_FIRM = re.compile(r"[\u4e00-\u9fff]{2,20}(?:有限责任公司|股份有限公司|有限公司)")
_BRANCH_SAID = re.compile(r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff]{2,3})(?:支公司|分公司)")
_NO_PLACE = re.compile(r"[哪各每个家所有这那些分的按本全其他几谁多少最前后再只看去掉除了和跟与把给在]")
_SHORTEST, _LONGEST = 4, 16


def names_of(session: Session, speaker: Speaker, text: str = "") -> Names:
    """What this speaker may name; firms only those that `text` names. A branch out of sight is as one that is not."""
    mine = select(Branch.id, Branch.name, Branch.short_name).where(Branch.id.in_(branches_of(speaker)))
    branches: dict[str, int] = {}
    for id_, name, short in session.execute(mine):
        for word in (name, short, _latin(short), *(short + ending for ending in _ENDINGS)):
            branches.setdefault(word, id_)
    provinces = {row for row in session.scalars(select(Branch.province).distinct()) if row}
    places = _places()
    known = {word: name for name in provinces for word in (name, name.removesuffix("省")) if word not in branches}
    known |= {word: _province(word) for word in places["provinces"] if word not in branches and word not in known}
    others = {word for pair in session.execute(select(Branch.name, Branch.short_name)) for word in pair}
    foreign = {word for word in (*others, *places["cities"]) if word not in branches and word not in known}
    foreign |= {_latin(word) for word in foreign} - branches.keys()
    foreign |= {word + ending for word in (*places["provinces"], *places["cities"])
                for ending in ("分公司", "支公司", "省分公司", "市分公司")} - branches.keys()  # fmt: skip
    providers = {}
    for id_, name, short in session.execute(select(Provider.id, Provider.name, Provider.short_name)):
        providers[name] = providers[short] = id_
    firms = _firms(session, speaker, normalise(text))
    said = {found.group(1) for found in _BRANCH_SAID.finditer(normalise(text))}
    foreign |= {one for one in said if one not in branches and one not in known and not _NO_PLACE.search(one)}
    strangers = {found.group() for found in _WHOLE_FIRM.finditer(normalise(text))} - firms.keys()
    foreign |= {one for one in strangers if not any(one.endswith(name) for name in firms)}
    return Names(branches, providers, known, firms, frozenset(foreign))


@cache
def _places() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("cities.yml").read_text(encoding="utf-8"))
    return loaded


def _province(word: str) -> str:
    """浙江 as the core system writes it."""
    return word if word in {"北京", "天津", "上海", "重庆"} else f"{word}省"


def _latin(word: str) -> str:
    return "".join(lazy_pinyin(word))


def _firms(session: Session, speaker: Speaker, text: str) -> dict[str, int]:
    """Firms of the own branches whose name begins as a stretch of the text that ends like a firm's name."""
    wanted: set[str] = set()
    for ending in _FIRM.finditer(text):
        first = max(ending.end() - _LONGEST, 0)
        wanted |= {text[begin : ending.end()] for begin in range(first, ending.end() - _SHORTEST + 1)}
    if not wanted:
        return {}
    query = (
        select(Insured.id, Insured.name)
        .join(PolicyInsured, PolicyInsured.insured_id == Insured.id)
        .join(Policy, Policy.id == PolicyInsured.policy_id)
        .where(Policy.branch_id.in_(branches_of(speaker)))
        .where(or_(*(Insured.name.startswith(word, autoescape=True) for word in wanted)))
        .distinct()
        .limit(20)
    )
    found: dict[str, int] = {}
    for id_, name in session.execute(query):
        for word in (one for one in wanted if name.startswith(one)):
            found[word] = id_
        found[name] = id_
    return found
