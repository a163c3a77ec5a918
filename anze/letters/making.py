"""A letter in both forms: the template is filled, and the PDF is drawn from the filled document."""

from dataclasses import dataclass
from hashlib import sha256

from reportlab.platypus.doctemplate import LayoutError

from anze.letters.form import Content
from anze.letters.pages import read
from anze.letters.pdf import draw
from anze.letters.template import Template, filled, packed, refused


@dataclass(frozen=True)
class Made:
    """The bytes of both forms, and the digest of the template."""

    pdf: bytes
    word: bytes
    template_sha256: str


def make(content: Content, template: Template) -> Made:
    """Both forms, byte for byte the same for the same content and template. Raises DomainError letter_template."""
    word = filled(template, content)
    pages = read(word, template.name)
    try:
        pdf = draw(pages, content.title, content.fields["branch"])
    except (LayoutError, ValueError) as error:  # margins or sizes that leave no room for a line
        raise refused(template.name, "layout") from error
    return Made(pdf, packed(word), sha256(template.content).hexdigest())
