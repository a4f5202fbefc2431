"""Failures on the way to the registry: names, connections, proxies, and Docker itself."""

from __future__ import annotations

from wizard.failures.cause import AFTERWARDS, SYMPTOM, Cause

_NOT_THERE = r"dial tcp: lookup|tls: failed to verify|x509: |http: server gave HTTP"
_WAY = ("name", "reach", "listeners")

CAUSES = (
    Cause(
        "docker-not-allowed",
        (
            r"permission denied while trying to connect to the (?:Docker|docker)",
            r"dial unix \S*docker\.sock: connect: permission denied",
        ),
        "This user may not speak to Docker.",
        ("use sudo, or as root: usermod -aG docker USER, then log in anew",),
        ("user", "docker"),
    ),
    Cause(
        "docker-down",
        (
            r"Cannot connect to the Docker daemon",
            r"dial unix \S*docker\.sock: connect: (?:conn|no)",
        ),
        "Docker does not run on this machine.",
        ("systemctl start docker; journalctl -u docker -n 50 says why it does not stay",),
        ("docker", "daemon"),
    ),
    Cause(
        "daemon-flag-twice",
        (
            (
                r"(?:unable to configure[^\n]*)?"
                r"directives are specified both as a flag and in the configuration file"
            ),
        ),
        "Docker is told the same setting as a flag and in /etc/docker/daemon.json, and does not"
        " start then.",
        ("keep it in one of the two places, then systemctl restart docker",),
        ("docker", "daemon"),
    ),
    Cause(
        "daemon-json",
        (r"unable to configure the Docker daemon with file",),
        "Docker cannot read its /etc/docker/daemon.json.",
        ("mend it by hand, then systemctl restart docker; dockerd --validate tests it",),
        ("docker", "daemon"),
    ),
    Cause(
        "hub-instead",
        (
            r"(?:lookup |https://)(?:registry-1|auth|index)\.docker\.io",
            r"docker\.io/[^\s\"]+: (?:failed|pull access denied)",
            r"docker\.io/[^\0]{0,2000}denied: requested access to the resource is denied",
        ),
        "The image is looked for on Docker Hub: its name does not begin with the registry.",
        (
            (
                "begin the image's name with the registry as it was installed, such as"
                " docker.benet.com/app; its first part needs a dot or a port, else Docker Hub is"
                " meant"
            ),
            "docker tag IMAGE REGISTRY/IMAGE names one anew",
        ),
        ("installed",),
    ),
    Cause(
        "proxy-between",
        (r"proxyconnect tcp", r"(?i:proxy authentication required)", r"from proxy after CONNECT"),
        "The way to {at} leads through an HTTP proxy, which does not let it pass.",
        (
            (
                "name the registry in NO_PROXY: of the shell for curl and podman, of Docker's"
                " service for Docker (systemctl edit docker: Environment=NO_PROXY={host}, then"
                " restart it)"
            ),
        ),
        ("proxies", "name"),
    ),
    Cause(
        "port-lost",
        (
            (
                r"(?:Put|Patch|Post) \\?\"?https://[^\s:/\"]+/v2/[^\s\"]*/blobs/uploads/[^\s\"]*\"?:"
                r" dial tcp \S{1,80}:443: (?:connect: )?(?:connection refused|i/o timeout)"
            ),
            (
                rf"push refers to repository \[(?P<at>[^\]/:\n]++:\d++)/{AFTERWARDS}^dial tcp"
                r" \S{1,80}:443: (?:connect: )?(?:connection refused|i/o timeout)"
            ),
        ),
        "The registry sends uploads on to port 443, where nobody listens: the proxy before it drops"
        " the port from the name.",
        (
            (
                "in nginx: proxy_set_header Host $http_host, or relativeurls: true in the"
                " registry, as the wizard has it: {on_server}"
            ),
        ),
        ("proxy",),
        loses_port=True,
    ),
    Cause(
        "sent-elsewhere",
        (
            (
                r"(?:Put|Patch) \\?\"?https?://[^\s\"]+/v2/[^\s\"]*/blobs/uploads/[^\s\"]*\"?:"
                rf" (?:{_NOT_THERE})"
            ),
            (
                rf"push refers to repository \[(?P<pushed>[^\]/:\n]++){AFTERWARDS}^dial tcp: lookup"
                r" (?!(?P=pushed)[ :])"
            ),
            (
                r"(?:pinging container registry |failed to resolve reference \\?\")(?!docker\.io|"
                r"registry-1)(?P<asked>[\w.-]+(?::\d+)?)(?:: |/[^\s\"]+\": failed to do request: )"
                r"(?:Get|Head) \\?\"https?://(?!(?P=asked)/)"
            ),
        ),
        "The registry sends this program on to another address than the one it was asked at, and"
        " there it does not come through.",
        (
            (
                "in nginx: proxy_set_header Host $http_host, and no return 301 to another name; in"
                " the registry: relativeurls: true and no http.host, as the wizard has it:"
                " {on_server}"
            ),
        ),
        ("name", "proxy"),
    ),
    Cause(
        "dns-down",
        (
            r"lookup \S+(?: on \S+)?: read udp [^\n]*(?:connection refused|i/o timeout)",
            r"lookup \S+(?: on \S+)?: (?:server misbehaving|i/o timeout)",
            r"lookup \S+(?: on \S+)?: (?:Temporary failure|Try again)",
            r"Temporary failure (?:in name resolution|resolving ')",
            r"DNS_PROBE_FINISHED_NO_INTERNET",
        ),
        "Nobody says where {name} leads: the DNS server{resolver} is out of reach.",
        (
            "{lead}",
            "or mend DNS: /etc/resolv.conf names the server that is asked",
        ),
        ("name", "resolvers"),
    ),
    Cause(
        "no-such-name",
        (
            r"no such host",
            r"[Cc]ould(?: not|n't) resolve (?:host|proxy|')",
            r"unable to resolve host address",
            r"Name or service not known|nodename nor servname provided",
            r"No address associated with hostname|getaddrinfo ENOTFOUND",
            r"ERR_NAME_NOT_RESOLVED|DNS_PROBE_FINISHED_NXDOMAIN|DNS_PROBE_POSSIBLE",
            r"(?i:failed to resolve ['\"])",
        ),
        "Neither the hosts file nor DNS knows the name {name}.",
        ("{lead}",),
        ("name", "resolvers"),
    ),
    Cause(
        "refused",
        (
            r"dial tcp \S{1,90}: (?:connect: )?connection refused",
            r"[Ff]ailed to connect to \S+ port \d+[^\n]*(?:refused|connect to server)",
            r"Could(?:n't| not) connect to server",
            r"\.\.\. failed: Connection refused|connect \(111: Connection refused\)",
            r"\[Errno 111\]|ConnectionRefusedError|ECONNREFUSED",
            r"ERR_CONNECTION_REFUSED",
        ),
        "The machine that {name} leads to is there, but nobody listens on {door}.",
        (
            "on the server: systemctl status nginx, and registry-wizard verify says the rest",
            "is it the right port, and does the name lead to the right machine?",
        ),
        _WAY,
    ),
    Cause(
        "no-route",
        (
            r"connect: (?:no route to host|network is unreachable)",
            r"\.\.\. failed: (?:No route to host|Network is unreachable)",
            r"\[Errno (?:113|101)\]|EHOSTUNREACH|ENETUNREACH|- connect \((?:101|113): ",
            r"(?:No route to host|Network is unreachable)\s*$",
            r"ERR_ADDRESS_UNREACHABLE|ERR_INTERNET_DISCONNECTED",
        ),
        "There is no way from this machine to {name}: it is off, in another network, or a firewall"
        " refuses it.",
        (
            (
                "ip route get ADDRESS shows the way that is taken; on the server the wizard opens"
                " its port in the firewall: {on_server}"
            ),
        ),
        _WAY,
    ),
    Cause(
        "timeout",
        (
            r"dial tcp \S{1,90}: (?:connect: )?(?:i/o timeout|connection timed out)",
            r"TLS handshake timeout|request canceled while waiting for connection",
            r"Client\.Timeout exceeded while awaiting headers",
            r"(?:Get|Head|Put|Patch|Post) \\?\"[^\"\n]{1,2000}\": context deadline exceeded",
            r"[Cc]url(?::| error) \(28\)|\.\.\. failed: Connection timed out",
            r"Could not connect to \S{1,300} \([^)\n]{1,60}\), connection timed out",
            r"\[Errno 110\]|ETIMEDOUT|(?:Connect|Read)Timeout",
            r"^(?:_ssl\.c:\d+: )?The (?:read|write|handshake) operation timed out$",
            r"(?:urlopen error|TimeoutError:|_ssl\.c:\d+:)[^\n]{0,60} timed out",
            r"ERR_CONNECTION_TIMED_OUT|ERR_TIMED_OUT",
        ),
        "{name} does not answer: a firewall drops the connection without a word, or the machine is"
        " off.",
        (
            "is the machine on, and is this its address?",
            "the firewall on the server must let {door} in; the wizard opens it: {on_server}",
        ),
        (*_WAY, "proxies"),
        SYMPTOM,
        (r"^timed out$",),
    ),
    Cause(
        "cut-off",
        (
            r"connection reset by peer|ConnectionResetError|ECONNRESET",
            r"curl: \(35\) Recv failure|\[Errno 104\]|EOF occurred in violation of protocol",
            r"(?:Get|Head|Put|Patch|Post) \\?\"[^\"\n]{1,2000}\": (?:unexpected )?EOF",
            r"curl: \((?:52|55|56)\)|Empty reply from server",
            r"Remote end closed connection without response",
            r"ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|RemoteDisconnected",
            r"SSL_ERROR_SYSCALL|UNEXPECTED_EOF_WHILE_READING",
        ),
        "The connection to {at} was cut off before there was an answer.",
        (
            (
                "try again; if it stays so, something in between (a firewall, a proxy, another"
                " program on that port) cuts it: registry-wizard verify on the server"
            ),
        ),
        ("name", "registry", "proxies"),
        SYMPTOM,
    ),
)
