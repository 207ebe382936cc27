package configcheck

import (
	"strings"

	"holdfast/engine"
)

// addRules reads "users hosts = (runas) TAG: commands : hosts = commands".
func (s *sudoers) addRules(text string, at engine.Seen) {
	users, rest := sudoUserList(text)
	if len(users) == 0 {
		return
	}
	for _, part := range splitSudoSpecs(rest) {
		_, commands, ok := strings.Cut(part, "=")
		if !ok {
			return
		}
		s.addCommands(users, commands, at)
	}
}

// sudoUserList takes the list of users off the text: names joined by commas,
// ended by white space that does not follow a comma.
func sudoUserList(text string) (users []string, rest string) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\t'):
			before := strings.TrimRight(text[:i], " \t")
			after := strings.TrimLeft(text[i:], " \t")
			if !strings.HasSuffix(before, ",") && !strings.HasPrefix(after, ",") && !strings.HasSuffix(before, "!") {
				return unquoteAll(splitSudo(before, ',')), after
			}
		}
	}
	return nil, ""
}

func unquoteAll(list []string) []string {
	for i := range list {
		list[i] = strings.ReplaceAll(strings.ReplaceAll(list[i], `"`, ""), `\ `, " ")
	}
	return list
}

// splitSudoSpecs splits at the colons between "hosts = commands" parts. A colon
// after a tag ("NOPASSWD:") or inside a digest does not split.
func splitSudoSpecs(text string) []string {
	var specs []string
	for _, p := range splitSudo(text, ':') {
		last := len(specs) - 1
		if last >= 0 && !startsSudoSpec(p, specs[last]) {
			specs[last] += ":" + p
			continue
		}
		specs = append(specs, p)
	}
	return specs
}

// startsSudoSpec says whether the text after a colon is a new "hosts = commands":
// the word before the colon was no tag, and an equals sign follows the hosts.
func startsSudoSpec(text, before string) bool {
	word := before[strings.LastIndexAny(before, " \t,=):")+1:]
	if sudoTags[word] || strings.HasPrefix(word, "sha") {
		return false
	}
	hosts, _, ok := strings.Cut(text, "=")
	return ok && !strings.ContainsAny(hosts, "/(")
}

var sudoTags = map[string]bool{
	"NOPASSWD": true, "PASSWD": true, "NOEXEC": true, "EXEC": true, "SETENV": true, "NOSETENV": true,
	"LOG_INPUT": true, "NOLOG_INPUT": true, "LOG_OUTPUT": true, "NOLOG_OUTPUT": true, "MAIL": true, "NOMAIL": true,
	"FOLLOW": true, "NOFOLLOW": true, "INTERCEPT": true, "NOINTERCEPT": true,
}

// addCommands reads the list of commands. The user to run as and the tags stay in
// force for the commands that follow.
func (s *sudoers) addCommands(users []string, text string, at engine.Seen) {
	rule := sudoRule{users: users, at: at}
	var tags sudoCommand
	for _, c := range splitSudo(text, ',') {
		c = strings.TrimSpace(c)
		if strings.HasPrefix(c, "(") {
			runAs, rest, _ := strings.Cut(c[1:], ")")
			rule.runAs, c = strings.TrimSpace(runAs), strings.TrimSpace(rest)
		}
		c = skipSudoOptions(takeSudoTags(skipSudoOptions(c), &tags))
		if c == "" {
			continue
		}
		tags.text = c
		rule.commands = append(rule.commands, tags)
	}
	if len(rule.commands) > 0 {
		s.rules = append(s.rules, rule)
	}
}

// sudoOptions may stand before a command.
var sudoOptions = map[string]bool{
	"ROLE": true, "TYPE": true, "APPARMOR_PROFILE": true, "PRIVS": true, "LIMITPRIVS": true,
	"CWD": true, "CHROOT": true, "TIMEOUT": true, "NOTBEFORE": true, "NOTAFTER": true,
}

func skipSudoOptions(c string) string {
	for {
		word, rest, _ := strings.Cut(c, " ")
		name, _, _ := strings.Cut(word, "=")
		if !sudoOptions[name] {
			return c
		}
		c = strings.TrimSpace(rest)
	}
}

func takeSudoTags(c string, tags *sudoCommand) string {
	for {
		tag, rest, ok := strings.Cut(c, ":")
		tag = strings.TrimSpace(tag)
		if !ok || !sudoTags[tag] {
			return c
		}
		switch tag {
		case "NOPASSWD":
			tags.noPassword = true
		case "PASSWD":
			tags.noPassword = false
		case "SETENV":
			tags.setEnv = true
		case "NOSETENV":
			tags.setEnv = false
		case "NOEXEC":
			tags.noExec = true
		case "EXEC":
			tags.noExec = false
		}
		c = strings.TrimSpace(rest)
	}
}

// sudoScopes are the characters that limit a Defaults line.
var sudoScopes = map[byte]string{'@': "host", ':': "user", '!': "command", '>': "runas"}

func (s *sudoers) addDefaults(text string, at engine.Seen) {
	scope := ""
	if text != "" && sudoScopes[text[0]] != "" {
		names, rest := sudoUserList(text[1:])
		scope = sudoScopes[text[0]] + " " + strings.Join(names, ",")
		text = rest
	}
	for _, option := range splitSudo(text, ',') {
		d := sudoDefault{scope: scope, at: at}
		for strings.HasPrefix(option, "!") {
			d.negated = !d.negated
			option = strings.TrimSpace(option[1:])
		}
		name, value, _ := strings.Cut(option, "=")
		d.added = strings.HasSuffix(name, "+")
		d.name = strings.TrimSpace(strings.TrimRight(name, "+-"))
		d.value = strings.Trim(strings.TrimSpace(value), `"`)
		if d.name != "" {
			s.defaults = append(s.defaults, d)
		}
	}
}

// option returns the value of an option that applies to everybody; the last one
// counts. found is false when it is not written.
func (s *sudoers) option(name string) (d sudoDefault, found bool) {
	for _, o := range s.defaults {
		if o.name == name && o.scope == "" {
			d, found = o, true
		}
	}
	return d, found
}

// runsAsRoot says whether the rule may be used to become root.
func (r sudoRule) runsAsRoot() bool {
	users, _, _ := strings.Cut(r.runAs, ":")
	if r.runAs == "" {
		return true
	}
	for _, u := range splitSudo(users, ',') {
		if u == "ALL" || u == "root" || u == "#0" {
			return true
		}
	}
	return false
}

// grantsAll says whether the rule allows every command.
func (r sudoRule) grantsAll() bool {
	all := false
	for _, c := range r.commands {
		if c.text == "ALL" {
			all = true
		}
	}
	return all
}
