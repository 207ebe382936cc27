package configcheck

import (
	"errors"
	"path"
	"strings"

	"holdfast/engine"
)

// Limits of this reader; sudo allows 128 levels of includes.
const (
	maxSudoDepth = 16
	maxSudoLines = 20000
)

var (
	errNoSudo   = errors.New("sudo is not installed")
	errSudoSize = errors.New("the sudoers files include too many files or lines")
)

// A sudoRule lets some users run some commands.
type sudoRule struct {
	users    []string // alice, %admin, #1000, ALL; aliases are resolved, "!x" excludes
	runAs    string   // empty: root
	commands []sudoCommand
	at       engine.Seen
}

// A sudoCommand is one command of a rule with the tags that apply to it.
type sudoCommand struct {
	text       string // ALL, /usr/bin/less /var/log/*, !/bin/sh
	noPassword bool
	setEnv     bool
	noExec     bool
}

// A sudoDefault is one option of a Defaults line.
type sudoDefault struct {
	name    string
	value   string
	negated bool
	added   bool   // +=
	scope   string // "", "user alice", "runas root", "host x" or "command x"
	at      engine.Seen
}

// sudoers is the content of sudoers(5) with its includes.
type sudoers struct {
	rules    []sudoRule
	defaults []sudoDefault
	files    []string // every file read
	aliases  map[string][]string
}

// sudo reads the sudoers files. errNoSudo: sudo is not installed.
func (h *host) sudo() (*sudoers, error) { return h.sudoOnce.get(h.readSudo) }

func (h *host) readSudo() (*sudoers, error) {
	s := &sudoers{aliases: map[string][]string{}}
	r := sudoReader{h: h, into: s}
	err := r.file("etc/sudoers", 0)
	if isMissing(err) {
		return nil, errNoSudo
	}
	if err != nil {
		return nil, err
	}
	for i := range s.rules {
		s.rules[i].users = s.resolve("user", s.rules[i].users)
		s.rules[i].commands = s.resolveCommands(s.rules[i].commands)
	}
	return s, nil
}

type sudoReader struct {
	h     *host
	into  *sudoers
	lines int
}

func (r *sudoReader) file(file string, depth int) error {
	if depth > maxSudoDepth {
		return errSudoSize
	}
	body, err := r.h.read(file)
	if err != nil {
		return err
	}
	r.into.files = append(r.into.files, file)
	for _, l := range sudoLines(body) {
		if r.lines++; r.lines > maxSudoLines {
			return errSudoSize
		}
		if kind, target := sudoInclude(l.text); kind != "" {
			if err := r.include(kind, target, file, depth); err != nil {
				return err
			}
			continue
		}
		r.into.add(l.text, seen(file, l.no, l.text))
	}
	return nil
}

// include reads a file or the files of a directory in sorted order, without the
// names that end with ~ or contain a dot, as sudoers(5) says.
func (r *sudoReader) include(kind, target, from string, depth int) error {
	target = strings.ReplaceAll(target, "%h", r.h.facts.Hostname)
	if !path.IsAbs(target) {
		target = path.Join("/", path.Dir(from), target)
	}
	target = relative(target)
	if kind == "include" {
		err := r.file(target, depth+1)
		if isMissing(err) {
			return nil // sudo stops with an error; then nobody gets anything
		}
		return err
	}
	names, err := r.h.list(target)
	if err != nil {
		return err
	}
	for _, n := range names {
		if strings.HasSuffix(n, "~") || strings.Contains(n, ".") {
			continue
		}
		if m, err := r.h.mode(path.Join(target, n)); err != nil || !m.info.Mode().IsRegular() {
			continue
		}
		if err := r.file(path.Join(target, n), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// sudoInclude recognises @include, @includedir and the old #include, #includedir.
func sudoInclude(s string) (kind, target string) {
	if s[0] != '@' && s[0] != '#' {
		return "", ""
	}
	word, rest, _ := strings.Cut(s[1:], " ")
	if tab, more, ok := strings.Cut(s[1:], "\t"); ok && len(tab) < len(word) {
		word, rest = tab, more
	}
	if word != "include" && word != "includedir" {
		return "", ""
	}
	return word, strings.Trim(strings.TrimSpace(rest), `"`)
}

// sudoLines joins continued lines and removes comments: a # that does not begin
// an include and is not a user id.
func sudoLines(body string) []line {
	var list []line
	open := false
	for i, s := range strings.Split(body, "\n") {
		more := strings.HasSuffix(s, `\`)
		s = strings.TrimSuffix(s, `\`)
		if open {
			list[len(list)-1].text += s
		} else {
			list = append(list, line{no: i + 1, text: s})
		}
		open = more
	}
	kept := list[:0]
	for _, l := range list {
		if l.text = strings.TrimSpace(cutSudoComment(l.text)); l.text != "" {
			kept = append(kept, l)
		}
	}
	return kept
}

func cutSudoComment(s string) string {
	if kind, _ := sudoInclude(strings.TrimSpace(s) + " "); kind != "" {
		return s
	}
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '\\':
			i++
		case s[i] == '#' && !quoted && !(i+1 < len(s) && (s[i+1] >= '0' && s[i+1] <= '9' || s[i+1] == '-')):
			return s[:i]
		}
	}
	return s
}

// add reads a line that is not an include. A line that cannot be understood is
// left out, as sudo does since version 1.9.3.
func (s *sudoers) add(text string, at engine.Seen) {
	word, rest, _ := strings.Cut(strings.ReplaceAll(text, "\t", " "), " ")
	switch {
	case strings.HasPrefix(word, "Defaults"):
		s.addDefaults(strings.TrimPrefix(text, "Defaults"), at)
	case word == "User_Alias" || word == "Runas_Alias" || word == "Host_Alias" || word == "Cmnd_Alias" || word == "Cmd_Alias":
		s.addAliases(aliasKind(word), rest)
	default:
		s.addRules(text, at)
	}
}

func aliasKind(word string) string {
	switch word {
	case "User_Alias":
		return "user"
	case "Runas_Alias":
		return "runas"
	case "Host_Alias":
		return "host"
	}
	return "command"
}

func (s *sudoers) addAliases(kind, text string) {
	for _, def := range splitSudo(text, ':') {
		name, members, ok := strings.Cut(def, "=")
		if ok {
			key := kind + " " + strings.TrimSpace(name)
			s.aliases[key] = append(s.aliases[key], unquoteMembers(kind, splitSudo(members, ','))...)
		}
	}
}

// unquoteMembers leaves commands as they are: a backslash is part of their arguments.
func unquoteMembers(kind string, list []string) []string {
	if kind == "command" {
		return list
	}
	return unquoteAll(list)
}

// splitSudo splits at a separator outside quotes, parentheses and escapes, and
// trims the parts.
func splitSudo(text string, sep byte) []string {
	var parts []string
	quoted, depth, from := false, 0, 0
	take := func(to int) {
		if p := strings.TrimSpace(text[from:to]); p != "" {
			parts = append(parts, p)
		}
		from = to + 1
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == sep && depth == 0:
			take(i)
		}
	}
	if from <= len(text) {
		take(len(text))
	}
	return parts
}

// resolve replaces aliases by their members, nested ones too.
func (s *sudoers) resolve(kind string, names []string) []string {
	var out []string
	s.expand(kind, names, "", map[string]bool{}, &out)
	return out
}

func (s *sudoers) expand(kind string, names []string, negation string, open map[string]bool, out *[]string) {
	for _, n := range names {
		bare := strings.TrimLeft(n, "! ")
		neg := negation
		if strings.Count(n[:len(n)-len(bare)], "!")%2 == 1 {
			neg = flip(neg)
		}
		key := kind + " " + bare
		members, ok := s.aliases[key]
		if !ok || open[key] || len(*out) > maxSudoLines {
			*out = append(*out, neg+bare)
			continue
		}
		open[key] = true
		s.expand(kind, members, neg, open, out)
		delete(open, key)
	}
}

func flip(negation string) string {
	if negation == "!" {
		return ""
	}
	return "!"
}

func (s *sudoers) resolveCommands(list []sudoCommand) []sudoCommand {
	var out []sudoCommand
	for _, c := range list {
		for _, text := range s.resolve("command", []string{c.text}) {
			one := c
			one.text = text
			out = append(out, one)
		}
	}
	return out
}
