package configcheck

import (
	"path"
	"strconv"
	"strings"
)

// A pamRule is one line of a PAM stack.
type pamRule struct {
	kind     string // auth, account, password or session; empty for @include
	control  pamControl
	module   string // name of the module without directory and .so; for an include the file
	args     []string
	file     string
	line     int
	mustFail bool // libpam refuses to read the line and fails in its place
}

// has says whether the module is given the argument: "nullok" or "minlen" of "minlen=8".
func (r pamRule) has(arg string) bool {
	_, ok := r.arg(arg)
	return ok
}

func (r pamRule) arg(name string) (value string, ok bool) {
	for _, a := range r.args {
		if k, v, _ := strings.Cut(a, "="); strings.EqualFold(k, name) {
			value, ok = v, true
		}
	}
	return value, ok
}

// A pamAction is what happens after a module answered: one of the words of
// pam.conf(5), or a number of modules to skip.
type pamAction int

const (
	pamIgnore pamAction = -iota - 1
	pamBad
	pamDie
	pamOK
	pamDone
	pamReset
)

var pamActions = map[string]pamAction{
	"ignore": pamIgnore, "bad": pamBad, "die": pamDie, "ok": pamOK, "done": pamDone, "reset": pamReset,
}

// A pamControl is the second field of a rule.
type pamControl struct {
	include, substack, inline bool // inline: @include, which takes rules of every kind
	actions                   map[string]pamAction
	fallback                  pamAction
}

// after is the action after an answer of the module.
func (c pamControl) after(answer string) pamAction {
	if a, ok := c.actions[answer]; ok {
		return a
	}
	return c.fallback
}

// pamWords are the historical control words, as pam.conf(5) spells them out.
var pamWords = map[string]pamControl{
	"required":   {actions: map[string]pamAction{"success": pamOK, "new_authtok_reqd": pamOK, "ignore": pamIgnore}, fallback: pamBad},
	"requisite":  {actions: map[string]pamAction{"success": pamOK, "new_authtok_reqd": pamOK, "ignore": pamIgnore}, fallback: pamDie},
	"sufficient": {actions: map[string]pamAction{"success": pamDone, "new_authtok_reqd": pamDone}, fallback: pamIgnore},
	"optional":   {actions: map[string]pamAction{"success": pamOK, "new_authtok_reqd": pamOK}, fallback: pamIgnore},
	"include":    {include: true},
	"substack":   {substack: true},
}

// parsePAM reads a file of pam.d, or of pam.conf when service is given: there the
// first field names the service and only its lines count.
func parsePAM(body, file, service string) []pamRule {
	var rules []pamRule
	for _, l := range pamLines(body) {
		fields := pamFields(l.text)
		if service != "" {
			if len(fields) == 0 || !strings.EqualFold(fields[0], service) {
				continue
			}
			fields = fields[1:]
		}
		if r, ok := pamRuleOf(fields); ok {
			r.file, r.line = file, l.no
			rules = append(rules, r)
		}
	}
	return rules
}

// pamLines joins continued lines and removes comments. A comment ends a line,
// even when it ends with a backslash, as in libpam.
func pamLines(body string) []line {
	var list []line
	open := false
	for i, s := range strings.Split(body, "\n") {
		s, _, comment := strings.Cut(s, "#")
		s = strings.TrimRight(s, " \t\r")
		more := !comment && strings.HasSuffix(s, `\`)
		s = strings.TrimSuffix(s, `\`)
		if open {
			list[len(list)-1].text += " " + s
		} else {
			list = append(list, line{no: i + 1, text: s})
		}
		open = more
	}
	return list
}

// pamFields splits at white space; what stands in [brackets] is one field, and
// "\]" is a bracket inside of it.
func pamFields(s string) []string {
	var fields []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		if s[0] != '[' {
			end := strings.IndexAny(s, " \t")
			if end < 0 {
				end = len(s)
			}
			fields, s = append(fields, s[:end]), s[end:]
			continue
		}
		end := closingBracket(s)
		fields = append(fields, "["+strings.ReplaceAll(s[1:end], `\]`, "]"))
		s = s[min(end+1, len(s)):]
	}
	return fields
}

func closingBracket(s string) int {
	for i := 1; i < len(s); i++ {
		if s[i] == ']' && s[i-1] != '\\' {
			return i
		}
	}
	return len(s)
}

func pamRuleOf(fields []string) (pamRule, bool) {
	if len(fields) == 0 {
		return pamRule{}, false
	}
	if fields[0] == "@include" && len(fields) > 1 {
		return pamRule{control: pamControl{inline: true}, module: fields[1]}, true
	}
	r := pamRule{kind: strings.ToLower(strings.TrimPrefix(fields[0], "-"))}
	switch r.kind {
	case "auth", "account", "password", "session":
	default: // libpam takes an unknown type for auth and makes it fail
		return pamRule{kind: "auth", mustFail: true, control: pamWords["required"]}, true
	}
	if len(fields) < 3 {
		r.mustFail, r.control = true, pamWords["required"]
		return r, true
	}
	var ok bool
	if r.control, ok = parsePAMControl(fields[1]); !ok {
		r.mustFail = true
	}
	r.module = fields[2]
	if !r.control.include && !r.control.substack {
		r.module = strings.TrimSuffix(path.Base(r.module), ".so")
	}
	for _, a := range fields[3:] {
		r.args = append(r.args, strings.TrimPrefix(a, "["))
	}
	return r, true
}

// parsePAMControl reads a control word or "[value=action ...]". What is written
// nowhere is bad; an unreadable control makes everything bad.
func parsePAMControl(s string) (pamControl, bool) {
	if !strings.HasPrefix(s, "[") {
		c, ok := pamWords[strings.ToLower(s)]
		if !ok {
			return pamControl{fallback: pamBad}, false
		}
		return c, true
	}
	return parsePAMPairs(s[1:])
}

func parsePAMPairs(s string) (pamControl, bool) {
	c := pamControl{actions: map[string]pamAction{}, fallback: pamBad}
	words := strings.Fields(strings.ReplaceAll(s, "=", " = "))
	if len(words)%3 != 0 {
		return pamControl{fallback: pamBad}, false
	}
	for i := 0; i < len(words); i += 3 {
		a, ok := pamActionOf(words[i+2])
		if !ok || words[i+1] != "=" {
			return pamControl{fallback: pamBad}, false
		}
		if answer := strings.ToLower(words[i]); answer == "default" {
			c.fallback = a
		} else {
			c.actions[answer] = a
		}
	}
	return c, true
}

func pamActionOf(s string) (pamAction, bool) {
	if a, ok := pamActions[strings.ToLower(s)]; ok {
		return a, true
	}
	n, err := strconv.Atoi(s)
	return pamAction(n), err == nil && n > 0 && n < 1000
}
