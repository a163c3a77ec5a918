"""What is kept in an archive (7.4, 附录B), and what makes a photo a matter for a person (7.2)."""

from enum import StrEnum


class Kind(StrEnum):
    """资料 · 服务记录 · 课件 · 现场照片 · 签到表 · 服务报告 · 视频 · 实际支出金额: of 7.4 and Table B.1."""

    MATERIAL = "material"
    RECORD = "record"
    COURSEWARE = "courseware"
    PHOTO = "photo"
    SIGN_IN = "sign_in"
    REPORT = "report"
    VIDEO = "video"
    AMOUNT = "amount"


IN_WORDS = frozenset({Kind.RECORD, Kind.SIGN_IN, Kind.AMOUNT})
"""These may be written down instead of being a file: who was trained, that nothing was spent."""


class Doubt(StrEnum):
    """同一张照片用在另一次服务 · 与另一次服务的照片几乎一样 · 拍摄日期不是服务那天 · 拍摄地点离同一家的其他照片很远."""

    SAME = "same"
    ALIKE = "alike"
    OTHER_DAY = "other_day"
    OTHER_PLACE = "other_place"


class Verdict(StrEnum):
    """核实没有问题 · 疑似虚假服务: what a person made of a doubt; the second is a candidate of 9.2 d)."""

    FINE = "fine"
    FAKE = "fake"
