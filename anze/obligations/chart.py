"""A picture of sums: bars with their names and numbers, as SVG. Drawn from the answer alone; every text is escaped."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP, _BOTTOM = 640, 170, 90, 30, 58, 34
_MOST = 20
_FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"


@dataclass(frozen=True)
class Bar:
    """One bar: `value` of `whole`; `note` stands behind the number (a rate)."""

    name: str
    value: int
    whole: int
    note: str = ""


def drawn(title: str, foot: str, bars: list[Bar]) -> bytes:
    """At most twenty bars, in the order given. Raises ValueError without any."""
    if not bars:
        raise ValueError("nothing to draw")
    shown = bars[:_MOST]
    height = _TOP + _ROW * len(shown) + _BOTTOM
    most = max(1, *(bar.whole for bar in shown))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title, {chr(34): "&quot;"})}" font-family="{_FONT}" font-size="14">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(16, 30, title, size=17, weight=600),
    ]
    for at, bar in enumerate(shown):
        lines += _bar(bar, _TOP + at * _ROW, (_WIDTH - _LEFT - _RIGHT) / most)
    lines += [_text(16, height - 12, foot, size=12, fill="#5b6570"), "</svg>"]
    return "\n".join(lines).encode()


def _bar(bar: Bar, top: int, unit: float) -> list[str]:
    number = f"{bar.value} / {bar.whole}" if bar.whole != bar.value else str(bar.value)
    said = f"{number} {bar.note}".strip()
    return [
        _text(_LEFT - 10, top + 15, bar.name, anchor="end"),
        f'<rect x="{_LEFT}" y="{top}" width="{bar.whole * unit:.1f}" height="20" rx="3" fill="#dde4ec"/>',
        f'<rect x="{_LEFT}" y="{top}" width="{bar.value * unit:.1f}" height="20" rx="3" fill="#b3471d"/>',
        _text(_LEFT + bar.whole * unit + 8, top + 15, said, size=13),
    ]


def _text(
    x: float, y: float, said: str, *, size: int = 14, weight: int = 400, fill: str = "#1d252c", anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{fill}" text-anchor="{anchor}">'
        f"{escape(said)}</text>"
    )
