"""Forty texts that somewhere, to somebody, are code; here they must stay text."""

import os
from typing import Final

#: What a payload that runs in the server leaves in the environment.
SENTINEL: Final = "Cycler"
#: What one that runs in the browser leaves on ``window``.
PROBE: Final = "window.__pwned=(window.__pwned||0)+1"
#: Free of quotes, which some filters would spoil.
_SERVER: Final = "cycler.__init__.__globals__.os.environ.setdefault(cycler.__name__,cycler.__name__)"

PAYLOADS: Final = (
    "{{" + _SERVER + "}}",
    "{{ 7 * 7 * 191 }}",
    "{{ lipsum.__globals__['os'].environ.setdefault('" + SENTINEL + "', \"1\") }}",
    "{% set x = " + _SERVER + " %}",
    "{% if true %}{{" + _SERVER + "}}{% endif %}",
    "{% for a in [1] %}9359{% endfor %}",
    "{% raw %}",
    "{% endraw %}{{" + _SERVER + "}}",
    "{# gone #}left",
    "{#",
    "{{",
    "%}}}",
    "${" + PROBE + "}",
    "`${" + PROBE + "}`",
    "`+(" + PROBE + ")+`",
    "\\`${" + PROBE + "}\\`",
    "</script><script>" + PROBE + "</script>",
    "<script>" + PROBE + "</script>",
    "<!--<script>" + PROBE,
    "--><script>" + PROBE + "</script>",
    "]]><script>" + PROBE + "</script>",
    "<img src=x onerror=" + PROBE + ">",
    "<svg onload=" + PROBE + ">",
    "<svg><script>" + PROBE + "</script></svg>",
    "<iframe srcdoc='<script>parent." + PROBE[7:] + "</script>'></iframe>",
    "\"><img src=x onerror=" + PROBE + ">",
    "' onmouseover='" + PROBE + "' x='",
    "\" autofocus onfocus=\"" + PROBE,
    "</textarea></style></title><img src=x onerror=" + PROBE + ">",
    "javascript:" + PROBE,
    "data:text/html,<script>" + PROBE + "</script>",
    "&lt;img src=x onerror=" + PROBE + "&gt;&amp;&#60;",
    "\\u003cimg src=x onerror=" + PROBE + "\\u003e",
    "C:\\path\\2026\\new\\x",
    "ends with a backslash \\",
    "line\u2028separator\u2029paragraph",
    "\u202egnp.exe\u202c \u2066RTL\u2069 \u200b\ufeff",
    "'; " + PROBE + "; var a='",
    "__proto__",
    "null\x00undefined NaN",
)  # fmt: skip


def ran_in_server() -> bool:
    """Tell whether some payload ran in this process."""
    return SENTINEL in os.environ
