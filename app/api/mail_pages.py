"""Pages of a developer's machine: the mails that are kept in MAIL_FOLDER instead of being sent.

They are served to this machine alone. Where MAIL_FOLDER is not set, as in every deployment, their
addresses are pages of the app like any other that does not exist.
"""

from collections.abc import Awaitable, Callable, Sequence
from email.message import EmailMessage
from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.http.hosts import is_from_this_machine
from app.http.pages import AppPage, app_page, page_response, stylesheets
from app.http.services import services_of
from app.mail_folder import kept_mails, read_mail

ON_A_PAGE = 50
# A mail may look as it likes, but not load anything or run a script. Its links open new tabs.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self';"
    " sandbox allow-popups allow-popups-to-escape-sandbox"
)
STYLES = """
.mails { display: grid; gap: var(--space-4); padding-block: var(--space-5); }
.mails ul { display: grid; padding: 0; list-style: none; }
.mails li { display: grid; border-block-start: 1px solid var(--line); padding-block: 0.75rem; }
.mails li a { min-height: var(--target-small); align-content: center; font-weight: 600; }
.mails li span, .mails dt { color: var(--ink-soft); font-size: var(--size-small); }
.mails h1, .mails a, .mails dd, .mails pre { overflow-wrap: anywhere; }
.mails dl { display: grid; gap: var(--space-2); }
.mails dd { margin: 0; }
.mails iframe {
  width: 100%; height: 24rem; border: 1px solid var(--line-strong); resize: vertical;
  background: white; color-scheme: light;
}
.mails pre { padding: var(--space-3); background: var(--paper-raised); white-space: pre-wrap; }
"""

Handler = Callable[[Request, Path], Awaitable[Response]]


def _for_this_machine(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Give a handler the folder, or answer as if there were no such page."""

    async def answer(request: Request) -> Response:
        folder = services_of(request).settings.mail_folder
        if folder is None or not is_from_this_machine(request):
            return app_page(request.scope, AppPage())
        return await handler(request, folder)

    return answer


async def mails_page(request: Request, folder: Path) -> Response:
    """List the mails, the newest first."""
    names = kept_mails(folder)
    text = request.query_params.get("page", "1")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
    shown = names[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    mails = [(name, mail) for name in shown if (mail := read_mail(folder, name))]
    items = "".join(
        f'<li><a href="/mails/{quote(name)}">{escape(mail["Subject"])}</a>'
        f"<span>To {escape(mail['To'])}, {_when(mail)}</span></li>"
        for name, mail in mails
    )
    content = f"<ul>{items}</ul>" if items else "<p>There are no mails yet.</p>"
    if len(names) > number * ON_A_PAGE:
        content += f'<p><a href="/mails?page={number + 1}">Older mails</a></p>'
    words = (
        "<p>This installation sends no mail. It keeps each mail in a folder of this machine, and"
        " shows it here.</p>"
    )
    return _page(request, "Mails", words + content)


async def mail_page(request: Request, folder: Path) -> Response:
    """Show one mail: its headers, its HTML in a frame, its text and its attachments."""
    name, mail = _mail(request, folder)
    facts = (("To", mail["To"]), ("From", mail["From"]), ("Sent", _when(mail)))
    terms = "".join(f"<div><dt>{term}</dt><dd>{escape(value)}</dd></div>" for term, value in facts)
    text = mail.get_body(("plain",))
    attached = "".join(
        f'<li><a href="/mails/{quote(name)}/attachments/{number}" download>'
        f"{escape(part.get_filename() or 'attachment')}</a>"
        f"<span>{escape(part.get_content_type())}</span></li>"
        for number, part in enumerate(_attachments(mail))
    )
    content = (
        f"<dl>{terms}</dl>"
        f'<h2>HTML</h2><iframe src="/mails/{quote(name)}/html" title="The mail as HTML"></iframe>'
        f"<h2>Text</h2><pre>{escape(text.get_content() if text else '')}</pre>"
        + (f"<h2>Attachments</h2><ul>{attached}</ul>" if attached else "")
    )
    back = '<p><a class="back-link" href="/mails">Mails</a></p>'
    return _page(request, mail["Subject"], content, before=back)


async def mail_html(request: Request, folder: Path) -> Response:
    """Answer with the HTML of a mail, for the frame that shows it."""
    _, mail = _mail(request, folder)
    body = mail.get_body(("html",))
    html = body.get_content() if body else ""
    # Links would open in the small frame otherwise.
    html = html.replace("<body", '<head><base target="_blank"></head><body', 1)
    return HTMLResponse(html, headers={"Content-Security-Policy": MAIL_POLICY})


async def attachment(request: Request, folder: Path) -> Response:
    """Answer with a file that is attached to a mail."""
    _, mail = _mail(request, folder)
    parts = _attachments(mail)
    number = request.path_params["number"]
    if number >= len(parts):
        raise HTTPException(404)
    name = quote(parts[number].get_filename() or "attachment")
    return Response(
        parts[number].get_payload(decode=True),
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
        media_type=parts[number].get_content_type(),
    )


def _mail(request: Request, folder: Path) -> tuple[str, EmailMessage]:
    name: str = request.path_params["name"]
    mail = read_mail(folder, name)
    if mail is None:
        raise HTTPException(404)
    return name, mail


def _attachments(mail: EmailMessage) -> Sequence[EmailMessage]:
    return list(mail.iter_attachments())


def _when(mail: EmailMessage) -> str:
    moment = mail["Date"].datetime.astimezone()
    return f"{moment:%a %-d %b %Y, %H:%M:%S}"


def _page(request: Request, title: str, content: str, before: str = "") -> Response:
    html = (
        '<!doctype html><html lang="en" class="typeset"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)} · Marquee</title>"
        '<link rel="icon" href="/favicon.svg"><script src="/theme.js"></script>'
        f'{stylesheets()}<style nonce="CSP_NONCE">{STYLES}</style></head>'
        f'<body><main class="wrap mails">{before}<h1>{escape(title)}</h1>{content}</main></body>'
        "</html>"
    )
    return page_response(html, request.scope)


ROUTES = [
    Route("/mails", _for_this_machine(mails_page)),
    Route("/mails/{name}", _for_this_machine(mail_page)),
    Route("/mails/{name}/html", _for_this_machine(mail_html)),
    Route("/mails/{name}/attachments/{number:int}", _for_this_machine(attachment)),
]
