package decoy

import (
	"bytes"
	"strings"
)

// A sign betrays a program. Signs are tried in order; the first one counts.
type sign struct {
	service string // empty: any
	client  string // part of how the client names itself, in lower case
	sample  string // part of what it sent first
	tool    string
}

var signs = []sign{
	{sample: "Nice%20Ports%2C/Tri%6Eity.txt%2ebak", tool: "nmap"},
	{sample: "nice%20ports%2C/Tri%6Eity.txt%2ebak", tool: "nmap"},
	{sample: "OPTIONS sip:nm SIP/2.0", tool: "nmap"},
	{sample: "/nmaplowercheck", tool: "nmap"},
	{sample: "Cookie: mstshash=nmap", tool: "nmap"},
	{client: "nmap", tool: "nmap"},
	{client: "masscan", tool: "masscan"},
	{client: "zgrab", tool: "zgrab"},
	{client: "nuclei", tool: "nuclei"},
	{client: "nikto", tool: "nikto"},
	{client: "sqlmap", tool: "sqlmap"},
	{client: "gobuster", tool: "gobuster"},
	{client: "feroxbuster", tool: "feroxbuster"},
	{client: "fuzz faster u fool", tool: "ffuf"},
	{client: "wpscan", tool: "wpscan"},
	{client: "hydra", tool: "hydra"},
	{client: "medusa", tool: "medusa"},
	{client: "paramiko", tool: "paramiko"},
	{client: "asyncssh", tool: "asyncssh"},
	{client: "libssh2", tool: "libssh2"},
	{client: "libssh", tool: "libssh"},
	{client: "putty", tool: "putty"},
	{client: "winscp", tool: "winscp"},
	{client: "jsch", tool: "jsch"},
	{client: "dropbear", tool: "dropbear"},
	{client: "openssh", tool: "openssh"},
	{client: "ssh-2.0-go", tool: "Go x/crypto/ssh"},
	{client: "curl/", tool: "curl"},
	{client: "wget/", tool: "wget"},
	{client: "python-requests", tool: "python-requests"},
	{client: "python-urllib", tool: "python-urllib"},
	{client: "aiohttp", tool: "aiohttp"},
	{client: "go-http-client", tool: "Go net/http"},
	{client: "okhttp", tool: "okhttp"},
	{client: "powershell", tool: "powershell"},
	{client: "headlesschrome", tool: "headless browser"},
	{client: "mozilla/", tool: "browser"},
	{client: "psql", tool: "psql"},
	{client: "dbeaver", tool: "dbeaver"},
	{client: "libmariadb", tool: "mariadb client"},
	{client: "libmysql", tool: "mysql client"},
	{client: "redis-py", tool: "redis-py"},
	{service: "port", sample: "SSH-2.0-", tool: "an ssh client"},
	{service: "port", sample: "GET / HTTP/1", tool: "an HTTP client"},
	{service: "port", sample: "\x16\x03", tool: "a TLS client"},
}

// guessTool names the program behind a visit, or nothing.
func guessTool(service, client string, sample []byte) string {
	client = strings.ToLower(client)
	for _, s := range signs {
		if (s.service == "" || s.service == service) &&
			(s.client == "" || strings.Contains(client, s.client)) &&
			(s.sample == "" || bytes.Contains(sample, []byte(s.sample))) {
			return s.tool
		}
	}
	return ""
}
