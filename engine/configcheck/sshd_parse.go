package configcheck

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"holdfast/engine"
)

// Limits of sshd itself and of this reader.
const (
	maxSSHDInclude  = 16
	maxSSHDSettings = 20000
)

var errSSHDSize = errors.New("the sshd configuration includes too many files or settings")

// An sshdSetting is one line of sshd_config(5).
type sshdSetting struct {
	key   string // lower case, the current name of the keyword
	args  []string
	match string // condition of the Match block around it; empty: for everybody
	at    engine.Seen
}

func (s sshdSetting) value() string { return strings.Join(s.args, " ") }

// An sshdConfig is the configuration of the SSH server in the order in which sshd
// reads it, with the defaults of its version.
type sshdConfig struct {
	settings     []sshdSetting
	major, minor int // of OpenSSH; 0 when it is not known
}

// sshdAliases are old names of keywords.
var sshdAliases = map[string]string{
	"challengeresponseauthentication": "kbdinteractiveauthentication",
	"skeyauthentication":              "kbdinteractiveauthentication",
	"pubkeyacceptedkeytypes":          "pubkeyacceptedalgorithms",
	"hostbasedacceptedkeytypes":       "hostbasedacceptedalgorithms",
}

// matchAll is the condition of a block that overrides for everybody.
const matchAll = "all"

// get returns the value that counts for everybody who meets no particular Match
// block: the first one of a "Match all", else the first one written outside of
// blocks, else the default. found says whether it was written.
func (c *sshdConfig) get(key string) (s sshdSetting, found bool) {
	for _, match := range []string{matchAll, ""} {
		for _, s := range c.settings {
			if s.key == key && s.match == match {
				return s, true
			}
		}
	}
	return sshdSetting{key: key, args: []string{c.defaultOf(key)}}, false
}

// all returns every value of a keyword that accumulates, outside Match blocks.
func (c *sshdConfig) all(key string) []sshdSetting {
	var list []sshdSetting
	for _, s := range c.settings {
		if s.key == key && s.match == "" {
			list = append(list, s)
		}
	}
	return list
}

// inMatch returns the setting that each Match block makes for a keyword.
func (c *sshdConfig) inMatch(key string) []sshdSetting {
	var list []sshdSetting
	done := map[string]bool{}
	for _, s := range c.settings {
		if s.key == key && s.match != "" && s.match != matchAll && !done[s.match] {
			done[s.match] = true
			list = append(list, s)
		}
	}
	return list
}

// parseSSHD reads the text of one file. include is asked for the files of an
// Include line and gets the condition under which they are read.
func parseSSHD(body, file, match string, include func(patterns []string, match string) ([]sshdSetting, error)) ([]sshdSetting, error) {
	var list []sshdSetting
	outer := match
	for _, l := range lines(body, "#") {
		key, args := sshdFields(l.text)
		if name, ok := sshdAliases[key]; ok {
			key = name
		}
		switch {
		case key == "":
		case key == "match":
			match = joinMatch(outer, strings.Join(args, " "))
		case key == "include":
			inner, err := include(args, match)
			if err != nil {
				return nil, err
			}
			list = append(list, inner...)
		case len(args) > 0:
			list = append(list, sshdSetting{key: key, args: args, match: match, at: seen(file, l.no, l.text)})
		}
		if len(list) > maxSSHDSettings {
			return nil, errSSHDSize
		}
	}
	return list, nil
}

// joinMatch names the condition of a block in a file that was itself included
// under a condition.
func joinMatch(outer, condition string) string {
	if strings.EqualFold(condition, matchAll) {
		condition = matchAll
		if outer != "" {
			return outer
		}
	}
	if outer == "" {
		return condition
	}
	return outer + " and " + condition
}

// sshdFields splits a line: a keyword, white space or one equals sign, and the
// arguments, which may be quoted; an argument that begins with # ends the line.
func sshdFields(s string) (key string, args []string) {
	end := strings.IndexAny(s, " \t=")
	if end < 0 {
		return strings.ToLower(s), nil
	}
	key = strings.ToLower(strings.Trim(s[:end], `"`))
	rest := strings.TrimLeft(s[end:], " \t")
	rest = strings.TrimPrefix(rest, "=")
	for rest = strings.TrimLeft(rest, " \t"); rest != "" && rest[0] != '#'; rest = strings.TrimLeft(rest, " \t") {
		var arg string
		arg, rest = sshdArgument(rest)
		args = append(args, arg)
	}
	return key, args
}

// sshdArgument takes one argument off the text. Quotes may surround any part of it.
func sshdArgument(s string) (arg, rest string) {
	var b strings.Builder
	var quote byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == '\\' && i+1 < len(s) && strings.IndexByte(`"'\ `, s[i+1]) >= 0:
			i++
			b.WriteByte(s[i])
		case quote == 0 && (c == ' ' || c == '\t'):
			return b.String(), s[i:]
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}

// sshd reads the configuration of the server. errNoSSHD: it is not installed.
func (h *host) sshd() (*sshdConfig, error) { return h.sshdOnce.get(h.readSSHD) }

var errNoSSHD = errors.New("the OpenSSH server is not installed")

func (h *host) readSSHD() (*sshdConfig, error) {
	body, file, err := h.readFirst("etc/ssh/sshd_config", "usr/etc/ssh/sshd_config")
	p, known := h.sshdPackage()
	binary := h.existsAny("usr/sbin/sshd", "usr/bin/sshd", "usr/local/sbin/sshd", "usr/lib/ssh/sshd")
	if !known && binary == "" && (len(h.pkgs) > 0 || isMissing(err)) {
		return nil, errNoSSHD
	}
	c := &sshdConfig{}
	c.major, c.minor = majorMinor(p.Version)
	if isMissing(err) {
		return c, nil // sshd then runs on its defaults
	}
	if err != nil {
		return nil, err
	}
	r := sshdReader{h: h}
	c.settings, err = parseSSHD(body, file, "", r.include)
	return c, err
}

// sshdPackage finds the package of the server. Debian, Red Hat and Alpine call it
// openssh-server; Arch and SUSE have it in openssh.
func (h *host) sshdPackage() (engine.Package, bool) {
	if p, ok := h.hasPackage("openssh-server"); ok {
		return p, true
	}
	p, ok := h.hasPackage("openssh")
	return p, ok && h.exists("usr/sbin/sshd")
}

type sshdReader struct {
	h     *host
	depth int
	files int
}

// include reads the files of the patterns in order. A name without a directory
// is below /etc/ssh. The settings of an included file stay in its condition, and
// a Match in it ends with the file.
func (r *sshdReader) include(patterns []string, match string) ([]sshdSetting, error) {
	if r.depth >= maxSSHDInclude {
		return nil, errSSHDSize
	}
	r.depth++
	defer func() { r.depth-- }()
	var list []sshdSetting
	for _, p := range patterns {
		if !path.IsAbs(p) {
			p = "/etc/ssh/" + p
		}
		files, err := r.h.glob(relative(p))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if r.files++; r.files > 1000 {
				return nil, errSSHDSize
			}
			body, err := r.h.read(f)
			if err != nil {
				return nil, err
			}
			inner, err := parseSSHD(body, f, match, r.include)
			if err != nil {
				return nil, err
			}
			if list = append(list, inner...); len(list) > maxSSHDSettings {
				return nil, errSSHDSize
			}
		}
	}
	return list, nil
}

// judgeSSHD judges one keyword: the value for everybody, and each Match block
// that makes it weaker. weak returns what is wrong with a value, or nothing.
func (h *host) judgeSSHD(key string, weak func(c *sshdConfig, s sshdSetting) (string, engine.Severity)) []verdict {
	c, err := h.sshd()
	if errors.Is(err, errNoSSHD) {
		return absent("the OpenSSH server is not installed")
	}
	if err != nil {
		return unknown(err)
	}
	var t tally
	s, written := c.get(key)
	if detail, severity := weak(c, s); detail != "" {
		t.failAs(severity, "", detail+origin(s, written), evidence(s, written)...)
	}
	for _, m := range c.inMatch(key) {
		if detail, severity := weak(c, m); detail != "" {
			t.failAs(severity, "Match "+m.match, detail+origin(m, true)+" for "+m.match, m.at)
		}
	}
	return t.verdicts(s.key+" "+s.value()+origin(s, written), "")
}

func origin(s sshdSetting, written bool) string {
	if !written {
		return " (default)"
	}
	return fmt.Sprintf(" (%s)", where(s.at))
}

func evidence(s sshdSetting, written bool) []engine.Seen {
	if !written {
		return nil
	}
	return []engine.Seen{s.at}
}
