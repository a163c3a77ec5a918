"""What looks like a time and is none: numbers, codes, addresses, names. Blanked out before the grammar reads."""

import re

from anze.calendar.when.lexicon import N, any_of, one_of
from anze.calendar.when.lunar import FESTIVALS

BLANK = "\0"
"""Stands for a masked character; no rule of the grammar matches it."""

_ORGANISATION = one_of(
    "公司 集团 厂 矿 店 商行 超市 酒店 宾馆 饭店 医院 学校 银行 支行 分行 合作社 经营部 "
    "事务所 食品 化工 机械 建材 钢铁 矿业 煤业 烟花 花炮 爆竹 电子 纺织 建设 物流 科技 "
    "工贸 商贸 实业 股份 制药 药业 冶金 铸造 加油站 铝业 铜业 石化 能源 建筑 工程公司 服饰 "
    "家具 印刷 塑料 橡胶 玻璃"
)
_PLACE = one_of("路 街 大道 大街 巷 胡同 广场 村 镇 乡 社区 小区 花园 桥 里弄 水库 农场 林场 公园")
_DAY_WORD = rf"(?:{any_of(FESTIVALS)}|十一|周[一二三四五六日]|[一二三四五六七八九十]月)"
# A name runs on without these: verbs, particles, words that follow a real time.
_IN_NAME = (
    r"(?:(?!期间|检查|放假|假期|安排|开会|培训|排查|上午|下午|晚上|附近)"
    r"[一-鿿](?<![的去到来在前后给我你他想要约做能可请把是有没对让以开停了吗吧呢和或至不]))"
)
_SURNAME = (
    "[赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严魏陶姜谢邹苏潘葛范彭"
    "鲁马方袁柳唐薛雷贺汤罗郝邵毛邱丁万胡凌霍刘黄叶徐郭梁宋董杜程傅曾田任石廖谭邓]"
)
_TITLE = one_of(
    "先生 女士 经理 师傅 主任 总 老师 同志 厂长 工 所长 科长 处长 局长 队长 医生 律师 老板 会计 大哥 大姐 阿姨"
)
_GIVEN = (
    "[鸣凡帆航鑫波峰敏娜丽华伟杰涛磊娟芳燕玲霞辉斌浩宇轩涵萱怡琪琳琴云龙虎彪彬豪毅森"
    "楠梅兰菊竹雪雯婷婧倩颖莹瑶瑾瑜珊珍珠贤仁诚信儒甫]"
)
_AFTER_FESTIVAL = r"(?!节|假|期|前|后|当|第|放|长|休|黄|之|以|那|这|\d|中秋|值|[到至])"

_NUMBERED = one_of(
    "楼 院 线 门 厂房 车间 库 仓 机 炉 井 泵 罐 矿 锅炉 岗 地块 窗口 厅 桌 柜 文 令 "
    "公告 通知 文件 保单 证 房 室 铺 店 馆 坑 站 塔 桥 洞 选手 员工 工位 设备 生产线 "
    "高炉 储罐 电梯 仓库 宿舍 食堂 公寓 别墅 码头 桩 梁 柱 主 配 隐患 问题 标准 附件 表 "
    "图 样 钢 油 煤 硐 巷道 斜井 竖井 采区 工作面 尾矿 转炉 电炉 点位 摄像 叉车 行车 吊 "
    "球罐 反应釜 皮带 变电 配电 公馆 大院 家属院 大街 路 街 码 球 电池 字 称 召 角 段 "
    "厂 堆场 码垛 平台 池 箱 灯 床 病房 车 船 种子"
)
_COUNTED = one_of(
    "次 条 款 项 章 节 号 期 批 页 名 届 版 轮 位 部分 类 级 步 方 天 组 行 列 点 遍 集 段 台 家 三者 一时间"
)

_PATTERNS = [
    # web and mail addresses
    r"https?://[^\s一-鿿]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    # standards: AQ 9010.1—2025, GB/T 36687-2018, DB32/T 1234
    r"(?<![A-Za-z])(?:(?:AQ|GBZ?|DB\d{0,2}|JR|YJ|MT|HG|SY|JGJ|TSG|ISO|IEC|QB|XF|GA|DL|NB|CJJ?|JT|LD|WS)(?:/[A-Z]{1,4})?"
    r"|[QT]/[A-Z]{2,8})\s*-?\d+(?:\.\d+)*(?:\s*[-—–:]{1,2}\s*(?:19|20)\d\d)?(?![年\d])",
    # official papers: 应急〔2025〕27号, 令2020年第3号, 2021年第88号
    r"[\[(〔【{]\s*(?:19|20)\d\d\s*[\])〕】}]\s*第?\d+号?",
    r"(?:令)?(?:19|20)\d\d年(?:令)?第\d+号(?:令)?|令第\d+号|第\d+号令",
    # codes, phones, cards, plates
    r"(?<!\d)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?:-\d+)?(?!\d)"
    r"|(?<!\d)[48]00-\d{3,4}-\d{3,4}(?!\d)",
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9-]*[A-Za-z])(?!20\d\d-\d\d-\d\dT)(?!\d{1,2}(?::\d\d)?[ap]m)(?!Q[1-4])"
    r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\d[A-Za-z0-9]*(?![A-Za-z0-9])(?!季度)",
    r"(?<![\d.-])\d{9,}(?!\d)|(?<!\d)\d{4}(?: \d{4}){2,}(?!\d)",
    r"(?:编号|尾号|序号|工号|房号|代号|单号|号码|门牌|案号|批号|型号|版本|电话)(?:是|为|:)?\s*[A-Za-z]?[\d.-]+号?",
    r"(?<![\d.])\d+(?:\.\d+){2,}(?!\d)(?<!20\d\d\.\d\.\d)(?<!20\d\d\.\d\d\.\d)(?<!20\d\d\.\d\.\d\d)(?<!20\d\d\.\d\d\.\d\d)",
    # addresses
    rf"(?:路|街|道|巷|弄|胡同|大道|园区|工业园|开发区){N}(?:[-之]{N})?号(?:[一-鿿]?{N}(?:楼|室|栋|幢|单元|层|号))*",
    rf"{N}号(?!线上|前){_NUMBERED}",
    # ordinals
    rf"第{N}(?:[-~到至]{N})?(?:[-到至]第?{N})?{_COUNTED}|第{N}个(?!工作日|工作天|周|星期|礼拜|季度|月)",
    # how often; rates
    rf"(?:[每半几]|{N})个?(?:周|星期|礼拜|月|年|天|季度?|小时)(?:只|要|得|至少|不少于|最多|才)?{N}\s*(?:[-到至~]{N})?[次回趟遍]",
    r"7\s*[x×*]\s*24小?时?|24小时(?=热线|在线|值班|服务|营业|不间断|值守|开机|客服)|全天候",
    rf"(?:比例|比)(?:是|为)?{N}:{N}|\d+(?:\.\d+)?%",
    # a thing or two that hold a numeral and a unit of time
    r"一天到晚|有一天|一时半会|一时间|一点[儿也都]|有一点|早一点|晚一点|快一点|慢一点|一点点|万一|十月怀胎|半天(?=没|不|了|才|都)",
    r"(?<!\d)\d+(?:\.\d+)?(?:千|万|亿)?(?:元|块钱?|美元|人民币)|\d+(?:\.\d+)?[万亿](?!年)",
    # names
    rf"{_DAY_WORD}{_IN_NAME}{{0,6}}?{_ORGANISATION}|{_DAY_WORD}{_PLACE}(?:{N}号)?(?![上前])",
    rf"(?<!每)(?<!本)(?<!上)(?<!下)(?<!这)周[一三五]{_GIVEN}",
    r"(?:叫|找|姓名|联系人|负责人|投诉人|联络人|我是)(?:是|为|:)?周[一二三四五六][一-鿿](?![午上])",
    rf"周[一二三四五六][一-鿿]?{_TITLE}",
    rf"(?<![本上下这每])(?<!下个)(?<!这个){_SURNAME}(?:国庆|中秋|端午|重阳|元旦|清明|七夕|八一|五一|六一|十一){_AFTER_FESTIVAL}",
]
_MASK = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS))


def mask(text: str) -> str:
    """The text, same length, with everything that only looks like a time blanked out."""
    return _MASK.sub(lambda found: BLANK * len(found.group()), text)
