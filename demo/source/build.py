"""Makes the demo documents from their sources: a fictional white paper in two versions (PDF and
gov.uk-like HTML) and a fictional bill (Akoma Ntoso XML and PDF).

    make demo-documents        (maintainers; needs the demo group: weasyprint and its pango)

The results are committed, so nobody else needs weasyprint.
"""

from __future__ import annotations

import html
import re
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OUT = HERE.parent
VERSIONS = {
    "1": {
        "date": "2025-09-08",
        "printed": "September 2025",
        "stage": "Draft for consultation",
        "cp": "CP 1388",
    },
    "2": {"date": "2026-03-02", "printed": "March 2026", "stage": "White paper", "cp": "CP 1467"},
}
TITLE = "Places that lead: the Regional Partnership White Paper"
_NOTE = re.compile(r"<fn>(.*?)</fn>")
_HEADING = re.compile(r"<h2>(.*?)</h2>")


def version_of(source: str, version: str) -> str:
    """The source with the other versions' passages left out."""
    for other in VERSIONS:
        kept = r"\1" if other == version else ""
        source = re.sub(rf"<v{other}>(.*?)</v{other}>", kept, source, flags=re.DOTALL)
    return re.sub(r"\n\s*\n+", "\n", source)


def slug(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def web_page(body: str, facts: dict[str, str]) -> str:
    """A page as gov.uk publishes one, with everything that does not belong to the paper."""
    notes = _NOTE.findall(body)
    numbers = iter(range(1, len(notes) + 1))

    def mark(_match: re.Match[str]) -> str:
        n = next(numbers)
        return (
            f'<sup id="fnref:{n}"><a href="#fn:{n}" class="govuk-link" rel="footnote" '
            f'role="doc-noteref">[footnote {n}]</a></sup>'
        )

    text = _NOTE.sub(mark, body)
    text = re.sub(
        r"<(h[23])>(.*?)</\1>", lambda m: f'<{m[1]} id="{slug(m[2])}">{m[2]}</{m[1]}>', text
    )
    text = text.replace('<aside class="case-study">', '<div class="example">').replace(
        "</aside>", "</div>"
    )
    contents = "\n".join(
        f'<li class="gem-c-contents-list__list-item"><a class="gem-c-contents-list__link '
        f'govuk-link" href="#{slug(it)}">{it}</a></li>'
        for it in _HEADING.findall(body)
    )
    endnotes = "\n".join(
        f'<li id="fn:{n}" role="doc-endnote"><p>{note} <a href="#fnref:{n}" '
        f'class="govuk-link" role="doc-backlink" aria-label="go to where this is referenced">↩'
        f"</a></p></li>"
        for n, note in enumerate(notes, 1)
    )
    return f"""<!DOCTYPE html>
<html lang="en" class="govuk-template">
<head>
<meta charset="utf-8">
<title>{TITLE} - GOV.UK</title>
<meta property="og:title" content="{TITLE}">
<meta name="govuk:first-published-at" content="{facts["date"]}T09:30:00+00:00">
<script>document.body.className += ' js-enabled';</script>
</head>
<body class="gem-c-layout-for-public govuk-template__body">
<div id="global-cookie-message" class="gem-c-cookie-banner" role="region" aria-label="Cookies">
<h2>Cookies on GOV.UK</h2><p>We use some essential cookies to make this website work.</p>
<button>Accept additional cookies</button></div>
<a href="#content" class="gem-c-skip-link govuk-skip-link">Skip to main content</a>
<header role="banner" class="gem-c-layout-super-navigation-header">
<nav aria-labelledby="menu"><h2 id="menu" class="govuk-visually-hidden">Navigation menu</h2>
<ul><li><a href="#">Topics</a></li><li><a href="#">Government activity</a></li></ul></nav></header>
<div class="govuk-width-container">
<nav class="gem-c-breadcrumbs govuk-breadcrumbs" aria-label="Breadcrumb"><ol>
<li><a href="#">Home</a></li><li><a href="#">Regional and local government</a></li></ol></nav>
<main role="main" id="content" class="govuk-main-wrapper html-publications-show">
<div class="gem-c-inverse-header"><div class="gem-c-heading">
<p class="gem-c-title__context govuk-caption-xl">Policy paper</p>
<h1 class="gem-c-heading__text govuk-heading-l">{TITLE}</h1></div>
<p class="publication-header__last-changed">Published {facts["printed"]}</p></div>
<nav class="gem-c-contents-list" aria-label="Contents" role="navigation">
<h2 class="gem-c-contents-list__title">Contents</h2><ol>
{contents}
</ol></nav>
<button class="gem-c-print-link__button">Print this page</button>
<div class="gem-c-govspeak-html-publication"><div class="gem-c-govspeak govuk-govspeak">
<div class="govspeak">
<p>{facts["stage"]}</p>
{text.strip()}
<div class="footnotes" role="doc-endnotes"><ol>
{endnotes}
</ol></div>
</div></div></div>
<a class="gem-c-back-to-top-link" href="#contents">Back to top</a>
</main>
<div class="gem-c-contextual-footer"><h2>Related content</h2><ul>
<li><a href="#">Regional Partnership: impact assessment</a></li></ul></div>
</div>
<footer class="gem-c-layout-footer govuk-footer" role="contentinfo">
<h2>Services and information</h2><ul><li><a href="#">Benefits</a></li></ul>
<p>All content is available under the Open Government Licence v3.0, except where otherwise stated
</p></footer>
</body>
</html>
"""


PAPER_STYLE = """
@page { size: A4; margin: 32mm 27mm 30mm 27mm;
  @top-left { content: "Places that lead"; font: 9pt sans-serif; color: #555 }
  @top-right { content: string(chapter); font: 9pt sans-serif; color: #555 }
  @bottom-center { content: counter(page); font: 9pt sans-serif }
  @footnote { border-top: 0.5pt solid #333; padding-top: 4pt } }
@page :first { @top-left { content: none } @top-right { content: none }
  @bottom-center { content: none } }
@page imprint { @top-left { content: none } @top-right { content: none }
  @bottom-center { content: none } }
@page contents { @top-right { content: none } }
html { font: 12pt/1.45 "DejaVu Serif", serif }
h1, h2, h3, h4, th, .contents, .cover, .imprint { font-family: "DejaVu Sans", sans-serif }
h1 { font-size: 30pt; line-height: 1.2; margin-top: 70mm }
h2 { font-size: 20pt; break-before: page; string-set: chapter content(); margin: 0 0 16pt }
h3 { font-size: 14pt; margin: 18pt 0 8pt } h4 { font-size: 11.5pt; margin: 4pt 0 6pt }
h2, h3, h4 { break-after: avoid; hyphens: none }
p { margin: 0 0 9pt; hyphens: auto; text-align: justify; orphans: 2; widows: 2 }
.fn { float: footnote; font-size: 8.5pt; line-height: 1.25; text-align: left; hyphens: none }
::footnote-call { font-size: 65%; vertical-align: super; line-height: 0 }
aside { border: 1pt solid #345; background: #e8eef4; padding: 10pt 12pt; break-inside: avoid }
table { border-collapse: collapse; font-size: 9.5pt; width: 100%; margin: 8pt 0 }
td, th { border: 0.5pt solid #555; padding: 4pt; vertical-align: top; text-align: left;
  hyphens: none }
caption { text-align: left; font-weight: bold; padding: 4pt 0 } thead { background: #dde }
.imprint { page: imprint; break-before: page; padding-top: 120mm; font-size: 9pt }
.contents { page: contents; break-before: page }
.contents p.line { text-align: left; margin: 4pt 0; hyphens: none }
.contents p.line a { color: inherit; text-decoration: none }
.contents p.line a::after { content: leader(".") " " target-counter(attr(href), page) }
.contents h2 { string-set: none; break-before: avoid }
ol[type="a"] { list-style: lower-alpha }
.signature { font-weight: bold; text-align: left }
.cover p { text-align: left }
"""


def printed_paper(body: str, facts: dict[str, str]) -> str:
    """The paper as printed: cover, imprint, contents, running heads, page numbers, footnotes."""
    text = _NOTE.sub(r'<span class="fn">\1</span>', body)
    headings = _HEADING.findall(body)
    text = _HEADING.sub(lambda m: f'<h2 id="{slug(m[1])}">{m[1]}</h2>', text)
    contents = "\n".join(f'<p class="line"><a href="#{slug(it)}">{it}</a></p>' for it in headings)
    return f"""<html lang="en"><head><title>{TITLE}</title>
<meta name="author" content="Ministry of Housing, Communities and Local Government">
<meta name="dcterms.created" content="{facts["date"]}"><style>{PAPER_STYLE}</style></head><body>
<div class="cover"><h1>{TITLE}</h1><p>{facts["stage"]}</p><p>{facts["printed"]}</p>
<p>{facts["cp"]}</p></div>
<div class="imprint"><p>Presented to Parliament by the Secretary of State for Housing, Communities
and Local Government by Command of His Majesty</p><p>© Demonstration copyright {facts["date"][:4]}
</p><p>This paper is a fiction: it was written to try collabnlp on. Any enquiries about it should
not be sent to us.</p></div>
<div class="contents"><h2>Contents</h2>{contents}</div>
{text}</body></html>"""


BILL_STYLE = """
@page { size: A4; margin: 30mm 40mm 40mm 35mm;
  @top-left { content: string(title); font: italic 10pt/15pt "DejaVu Serif" }
  @top-right { content: counter(page); font: 10pt/15pt "DejaVu Serif" }
  @bottom-left { content: "BILL_NUMBER"; font: 9pt "DejaVu Serif" }
  @bottom-right { content: "SESSION"; font: 9pt "DejaVu Serif" }
  @right-top { content: LINES; white-space: pre; font: 8pt/15pt "DejaVu Serif";
    vertical-align: top; padding-left: 4mm } }
@page cover { @right-top { content: none } @top-left { content: none }
  @top-right { content: none } }
html { font: 10pt/15pt "DejaVu Serif"; text-align: justify }
.cover { page: cover; break-after: page; text-align: center }
h1 { string-set: title content(); font-size: 20pt; line-height: 30pt; margin: 60pt 0 30pt }
h2 { font-size: 11pt; text-align: center; line-height: 15pt; margin: 15pt 0; font-weight: normal }
h3 { font-size: 10pt; line-height: 15pt; margin: 15pt 0 0; text-align: left }
h2, h3 { break-after: avoid }
p { margin: 0; hyphens: auto } p.sub { padding-left: 10mm; text-indent: -8mm }
p.para { padding-left: 20mm; text-indent: -8mm } p.tail { padding-left: 10mm }
.n { display: inline-block; width: 8mm; text-indent: 0 }
"""


def letters(index: int) -> str:
    return f"({chr(97 + index)})"


def printed_bill(bill: dict[str, Any]) -> str:
    # six hex digits: a shorter escape would swallow the digits of the number after it
    line_break = "\\00000A"
    lines = " ".join(f'"{line_break * 4}{n}{line_break}"' for n in range(5, 45, 5))
    style = (
        BILL_STYLE.replace("BILL_NUMBER", bill["number"])
        .replace("SESSION", bill["session"])
        .replace("LINES", lines)
    )
    out = [
        f'<html lang="en"><head><title>{bill["title"]}</title><meta name="dcterms.created" '
        f'content="{bill["date"]}"><style>{style}</style></head><body>',
        f'<div class="cover"><h1>{bill["title"]}</h1><p>[AS INTRODUCED]</p></div>',
        f"<p>{bill['long_title']}</p>",
        "<p>Be it enacted by the King’s most Excellent Majesty, by and with the advice and consent "
        "of the Lords Spiritual and Temporal, and Commons, in this present Parliament assembled, "
        "and by the authority of the same, as follows:—</p>",
    ]

    def provision(entry: Any, number: str) -> None:
        intro, items, tail = (
            (*entry, None, None)[:3] if isinstance(entry, list) else (entry, [], None)
        )
        out.append(f'<p class="sub"><span class="n">{number}</span>{intro}</p>')
        for index, item in enumerate(items or []):
            mark = "" if item.startswith("“") else f'<span class="n">{letters(index)}</span>'
            out.append(f'<p class="para">{mark}{item}</p>')
        if tail:
            out.append(f'<p class="tail">{tail}</p>')

    clause = 0
    for part_number, part in enumerate(bill["parts"], 1):
        out.append(f"<h2>Part {part_number}<br>{part['heading']}</h2>")
        for each in part["clauses"]:
            clause += 1
            out.append(f'<h3><span class="n">{clause}</span>{each["heading"]}</h3>')
            for index, entry in enumerate(each["subsections"], 1):
                provision(entry, f"({index})")
    for number, schedule in enumerate(bill["schedules"], 1):
        out.append(
            f'<h2 style="break-before: page">Schedule {number}<br>{schedule["heading"]}</h2>'
        )
        for index, entry in enumerate(schedule["paragraphs"], 1):
            provision(entry, str(index))
    return "\n".join([*out, "</body></html>"])


def akoma_ntoso(bill: dict[str, Any]) -> str:
    def text(value: str) -> str:
        return html.escape(value, quote=False)

    def item(value: str, index: int, eid: str) -> str:
        if value.startswith("“("):
            match = re.match(r"“(\(\w+\)) (.*)”\Z", value)
            assert match is not None
            return (
                f'<p><mod><quotedStructure startQuote="“" endQuote="”" eId="{eid}__qstr">'
                f"<subsection><num>{match[1]}</num><content><p>{text(match[2])}</p></content>"
                "</subsection></quotedStructure></mod></p>"
            )
        if value.startswith("“"):
            return (
                f'<hcontainer name="definition"><content><p>{text(value)}</p></content>'
                "</hcontainer>"
            )
        num = letters(index)
        return (
            f'<level class="para1" eId="{eid}__para_{num[1]}"><num>{num}</num><content>'
            f"<p>{text(value)}</p></content></level>"
        )

    def provision(entry: Any, number: str, tag: str, eid: str) -> str:
        head = f'<{tag} eId="{eid}"><num>{number}</num>'
        if not isinstance(entry, list):
            return f"{head}<content><p>{text(entry)}</p></content></{tag}>"
        intro, items, tail = (*entry, None)[:3]
        if items[0].startswith("“("):
            quoted = item(items[0], 0, eid).removeprefix("<p>").removesuffix("</p>")
            return f"{head}<content><p>{text(intro)} {quoted}</p></content></{tag}>"
        inner = "".join(item(value, index, eid) for index, value in enumerate(items))
        wrap = f"<wrapUp><p>{text(tail)}</p></wrapUp>" if tail else ""
        return f"{head}<intro><p>{text(intro)}</p></intro>{inner}{wrap}</{tag}>"

    parts = []
    clause = 0
    for part_number, part in enumerate(bill["parts"], 1):
        clauses = []
        for each in part["clauses"]:
            clause += 1
            eid = f"sec_{clause}"
            inner = "".join(
                provision(entry, f"({n})", "subsection", f"{eid}__subsec_{n}")
                for n, entry in enumerate(each["subsections"], 1)
            )
            clauses.append(
                f'<section class="prov1" eId="{eid}"><num>{clause}</num>'
                f"<heading>{text(each['heading'])}</heading>{inner}</section>"
            )
        parts.append(
            f'<part eId="part_{part_number}"><num>Part {part_number}</num>'
            f"<heading>{text(part['heading'])}</heading>{''.join(clauses)}</part>"
        )
    schedules = []
    for n, schedule in enumerate(bill["schedules"], 1):
        inner = "".join(
            provision(entry, str(m), "paragraph", f"sched_{n}__para_{m}")
            for m, entry in enumerate(schedule["paragraphs"], 1)
        )
        schedules.append(
            f'<hcontainer name="schedule" eId="sched_{n}"><num>Schedule {n}</num>'
            f"<heading>{text(schedule['heading'])}</heading>{inner}</hcontainer>"
        )
    title, date = text(bill["title"]), bill["date"]

    def named(level: str) -> str:
        return (
            f'<{level}><FRBRthis value="regional-partnership-bill"/>'
            f'<FRBRuri value="regional-partnership-bill"/><FRBRdate date="{date}" '
            f'name="published"/><FRBRauthor href="#author"/></{level}>'
        )

    return f"""<?xml version="1.0" encoding="UTF-8"?>
<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0">
<bill name="bill"><meta><identification source="#author">{named("FRBRWork")}
{named("FRBRExpression")}{named("FRBRManifestation")}</identification>
<references source="#author"><TLCConcept eId="varBillTitle" href="#o" showAs="{title}"/>
</references></meta>
<preface eId="preface"><p><docTitle>{title}</docTitle></p>
<longTitle><p>{text(bill["long_title"])}</p></longTitle></preface>
<preamble eId="preamble"><formula name="enactingText"><p>Be it enacted by the King’s most Excellent
Majesty, by and with the advice and consent of the Lords Spiritual and Temporal, and Commons, in
this present Parliament assembled, and by the authority of the same, as follows:—</p></formula>
</preamble>
<body>
{chr(10).join(parts)}
<hcontainer name="schedules"><heading>Schedules</heading>{"".join(schedules)}</hcontainer>
</body></bill></akomaNtoso>
"""


def main() -> None:
    from weasyprint import HTML

    source = (HERE / "white-paper.html").read_text(encoding="utf-8")
    for version, facts in VERSIONS.items():
        body = version_of(source, version)
        name = OUT / f"regional-partnership-{version}"
        name.with_suffix(".html").write_text(web_page(body, facts), encoding="utf-8")
        HTML(string=printed_paper(body, facts)).write_pdf(
            name.with_suffix(".pdf"), pdf_variant="pdf/ua-1", pdf_identifier=b"collabnlp-demo"
        )
    bill = tomllib.loads((HERE / "bill.toml").read_text(encoding="utf-8"))
    (OUT / "regional-partnership-bill.xml").write_text(akoma_ntoso(bill), encoding="utf-8")
    HTML(string=printed_bill(bill)).write_pdf(
        OUT / "regional-partnership-bill.pdf", pdf_identifier=b"collabnlp-demo"
    )


if __name__ == "__main__":
    main()
