"""Looks: the one page frame of the simulator, with its style inside."""

from __future__ import annotations

from html import escape

_STYLE = """
:root{--ink:#26221f;--soft:#6f6862;--paper:#faf7f3;--card:#fff;--line:#e6dfd7;--main:#b3122d;--bad:#9c2a10}
@media(prefers-color-scheme:dark){:root{--ink:#f1ece6;--soft:#a89f97;--paper:#191715;--card:#24211e;
--line:#3a3530;--main:#e2506a;--bad:#ff9a7d}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:2rem 1rem 4rem}
main.narrow{max-width:30rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 1rem}
h2{font-size:1.15rem;margin:2.5rem 0 .75rem}
h3{font-size:1rem;margin:0}
a{color:var(--main)}
code{font-size:.88em;background:var(--card);border:1px solid var(--line);border-radius:4px;padding:0 .3em}
.small{color:var(--soft);font-size:.85rem}
.bad{color:var(--bad)}
.accounts{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr))}
.card,fieldset{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1rem}
fieldset{margin:1rem 0}
legend{font-weight:600;padding:0 .4rem}
.card ul{list-style:none;margin:.6rem 0 0;padding:0;max-height:15rem;overflow:auto}
.card li{display:flex;gap:.5rem;justify-content:space-between;padding:.15rem 0}
.wall{columns:6 11rem;column-gap:1rem}
.pin{break-inside:avoid;margin:0 0 1.1rem}
.pin img{width:100%;display:block;border-radius:14px;background:var(--line)}
.pin b{display:block;margin-top:.4rem;line-height:1.3;overflow-wrap:anywhere}
.pin .small{overflow-wrap:anywhere}
.empty{border:2px dashed var(--line);border-radius:14px;padding:2rem;text-align:center;color:var(--soft)}
input{accent-color:var(--main)}
label{display:block;padding:.35rem 0}
label .small{display:block;padding-left:1.6rem}
.buttons{display:flex;gap:.6rem;justify-content:flex-end}
button{font:inherit;padding:.6rem 1.2rem;border-radius:999px;border:1px solid var(--line);background:var(--card);
color:inherit;cursor:pointer}
button.main{background:var(--main);border-color:var(--main);color:#fff}
button:focus-visible,a:focus-visible,input:focus-visible{outline:3px solid var(--main);outline-offset:2px}
@media(max-width:30rem){.wall{columns:2;column-gap:.6rem}main{padding-top:1.2rem}}
"""


def document(title: str, body: str, narrow: bool = False) -> str:
    """A whole HTML page; `body` is markup, `title` is text."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} · pinsim</title><style>{_STYLE}</style></head>"
        f'<body><main class="{"narrow" if narrow else "wide"}"><h1>{escape(title)}</h1>{body}</main></body></html>'
    )
