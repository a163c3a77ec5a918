"""The names that somebody's question may hold: branches of the own tree, providers, provinces."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.identity.branches import branches_of
from anze.identity.models import Branch
from anze.identity.speaker import Speaker
from anze.obligations.asking.model import Names
from anze.providers.models import Provider

_ENDINGS = ("省分公司", "市分公司", "分公司", "支公司", "市", "省", "公司")
PROVINCES = ["北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门"]  # fmt: skip


def names_of(session: Session, speaker: Speaker) -> Names:
    """What this speaker may name. A branch out of sight is told apart from one that is not there by nobody."""
    mine = {id_: (name, short) for id_, name, short in session.execute(
        select(Branch.id, Branch.name, Branch.short_name).where(Branch.id.in_(branches_of(speaker))))}  # fmt: skip
    branches: dict[str, int] = {}
    for id_, (name, short) in mine.items():
        for word in (name, short, *(short + ending for ending in _ENDINGS)):
            branches.setdefault(word, id_)
    provinces = {row for row in session.scalars(select(Branch.province).distinct()) if row}
    every = session.execute(select(Branch.name, Branch.short_name)).all()
    known_provinces = {word: word for word in provinces if word not in branches}
    foreign = {word for pair in every for word in pair if word not in branches}
    foreign |= {word for word in PROVINCES if word not in branches and not any(p.startswith(word) for p in provinces)}
    providers: dict[str, int] = {}
    for id_, name, short in session.execute(select(Provider.id, Provider.name, Provider.short_name)):
        providers[name] = providers[short] = id_
    return Names(branches, providers, known_provinces, frozenset(foreign))
