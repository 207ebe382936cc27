package decoy

import (
	"fmt"
	"path"
	"strings"
)

// A shell looks like one. It answers from a table and a map of files; there is
// nothing behind it that could run a program or reach a network.
type shell struct {
	s        *session
	t        *terminal
	user     string
	where    string
	files    files
	finished bool
}

func newShell(s *session, user string, t *terminal) *shell {
	sh := &shell{s: s, t: t, user: unixName(user), files: usualFiles(s.options.Host, s.options.Files)}
	sh.where = sh.home()
	return sh
}

// unixName keeps what a name of a user can hold, for the prompt.
func unixName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return -1
	}, name)
	if name == "" {
		return "user"
	}
	return name[:min(len(name), 32)]
}

func (sh *shell) home() string {
	if sh.user == "root" {
		return "/root"
	}
	return "/home/" + sh.user
}

func (sh *shell) prompt() string {
	mark := "$"
	if sh.user == "root" {
		mark = "#"
	}
	where := sh.where
	if rest, ok := strings.CutPrefix(where, sh.home()); ok {
		where = "~" + rest
	}
	return fmt.Sprintf("%s@%s:%s%s ", sh.user, sh.s.options.Host, where, mark)
}

// run talks until the visitor leaves.
func (sh *shell) run() {
	if !sh.t.plain {
		sh.greet()
	}
	for !sh.finished {
		line, ok := sh.t.ask(sh.prompt(), true)
		if out := sh.do(line); out != "" {
			if !sh.t.plain {
				out = strings.ReplaceAll(out, "\n", "\r\n")
			}
			if _, err := fmt.Fprint(sh.t.w, out); err != nil {
				return
			}
		}
		if !ok {
			return
		}
	}
}

func (sh *shell) greet() {
	fmt.Fprintf(sh.t.w, "\r\nLast login: %s from 10.20.0.4\r\n", sh.s.now().UTC().AddDate(0, 0, -3).Format("Mon Jan _2 15:04:05 2006")) //nolint:errcheck // the next read tells
}

// do records a line and answers it.
func (sh *shell) do(line string) string {
	if strings.TrimSpace(line) == "" {
		return ""
	}
	sh.s.rec.command(line)
	sh.s.rec.tokens(RecogniseText(line)...)
	var b strings.Builder
	for _, part := range splitCommands(line) {
		if sh.finished || b.Len() > 1<<16 {
			break
		}
		b.WriteString(sh.one(part))
	}
	return b.String()
}

// splitCommands cuts a line where one command ends and the next begins. Of a pipe
// only the first command is answered, and at most eight altogether.
func splitCommands(line string) []string {
	line = strings.NewReplacer("&&", ";", "||", ";", "\n", ";", "&", ";").Replace(line)
	parts := strings.SplitN(line, ";", 9)
	parts = parts[:min(len(parts), 8)]
	for i, p := range parts {
		p, _, _ = strings.Cut(p, "|")
		p, _, _ = strings.Cut(p, ">")
		parts[i] = strings.TrimSpace(p)
	}
	return parts
}

// abs is a path as seen from where the visitor stands.
func (sh *shell) abs(name string) string {
	if name == "~" || strings.HasPrefix(name, "~/") {
		name = sh.home() + name[1:]
	}
	if !strings.HasPrefix(name, "/") {
		name = sh.where + "/" + name
	}
	return path.Clean(name)
}

// one answers one command.
func (sh *shell) one(command string) string {
	words := strings.Fields(command)
	for len(words) > 0 && (words[0] == "sudo" || words[0] == "nohup" || words[0] == "exec" || strings.Contains(words[0], "=")) {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	name, args := path.Base(words[0]), plainArgs(words[1:])
	if text, ok := fixed[name]; ok {
		return text
	}
	if text, ok := sh.answer(name, args, words[1:]); ok {
		return text
	}
	return fmt.Sprintf("-bash: %s: command not found\n", words[0])
}

// plainArgs leaves out the switches.
func plainArgs(words []string) []string {
	var list []string
	for _, w := range words {
		if !strings.HasPrefix(w, "-") {
			list = append(list, strings.Trim(w, `"'`))
		}
	}
	return list
}
