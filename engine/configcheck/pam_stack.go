package configcheck

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Limits of a stack. libpam allows 16 levels as well.
const (
	maxPAMDepth = 16
	maxPAMRules = 2000
)

var (
	errNoService = errors.New("PAM has no such service")
	errPAMSize   = errors.New("the PAM stack includes too many files or rules")
)

// pamDirs are searched in this order, pam.d(5).
var pamDirs = []string{"etc/pam.d", "usr/lib/pam.d", "usr/etc/pam.d", "lib/pam.d"}

// A pamHandler is a rule at its place in the stack of a service. An entry with
// substack stands for the group of deeper entries that follow it.
type pamHandler struct {
	pamRule
	level    int
	substack bool
}

// pamRules reads the rules of a service or of an included file.
func (h *host) pamRules(service string) ([]pamRule, error) {
	if strings.HasPrefix(service, "/") {
		file := relative(service)
		body, err := h.read(file)
		return parsePAM(body, file, ""), err
	}
	if strings.Contains(service, "/") {
		return nil, fmt.Errorf("/etc/pam.d/%s: %w", service, fs.ErrNotExist)
	}
	service = strings.ToLower(service)
	for _, dir := range pamDirs {
		body, err := h.read(dir + "/" + service)
		if err == nil {
			return parsePAM(body, dir+"/"+service, ""), nil
		}
		if !isMissing(err) {
			return nil, err
		}
	}
	if h.exists("etc/pam.d") { // then libpam does not look at pam.conf
		return nil, fmt.Errorf("/etc/pam.d/%s: %w", service, fs.ErrNotExist)
	}
	body, err := h.read("etc/pam.conf")
	if err != nil {
		return nil, err
	}
	rules := parsePAM(body, "etc/pam.conf", service)
	if len(rules) == 0 {
		return nil, fmt.Errorf("/etc/pam.conf: %s: %w", service, fs.ErrNotExist)
	}
	return rules, nil
}

// pamStack returns the rules of one kind that libpam runs for a service, with
// every include resolved. A service without a rule of that kind uses "other".
// errNoService: the service does not exist.
func (h *host) pamStack(service, kind string) ([]pamHandler, error) {
	rules, err := h.pamRules(service)
	if isMissing(err) {
		return nil, errNoService
	}
	if err != nil {
		return nil, err
	}
	b := pamBuilder{h: h, kind: kind}
	if err := b.add(rules, 0, 0); err != nil {
		return nil, err
	}
	if len(b.stack) == 0 && service != "other" {
		return h.pamStack("other", kind)
	}
	return b.stack, nil
}

type pamBuilder struct {
	h     *host
	kind  string
	stack []pamHandler
	files int
}

func (b *pamBuilder) add(rules []pamRule, level, depth int) error {
	if b.files++; b.files > maxPAMRules {
		return errPAMSize
	}
	for _, r := range rules {
		if len(b.stack) >= maxPAMRules {
			return errPAMSize
		}
		if err := b.addRule(r, level, depth); err != nil {
			return err
		}
	}
	return nil
}

func (b *pamBuilder) addRule(r pamRule, level, depth int) error {
	c := r.control
	if !c.inline && r.kind != b.kind {
		return nil
	}
	if r.mustFail || !c.inline && !c.include && !c.substack {
		b.stack = append(b.stack, pamHandler{pamRule: r, level: level})
		return nil
	}
	inner, err := b.h.pamRules(r.module)
	if isMissing(err) || depth >= maxPAMDepth { // libpam puts a rule there that always fails
		r.mustFail, r.control = true, pamWords["required"]
		b.stack = append(b.stack, pamHandler{pamRule: r, level: level})
		return nil
	}
	if err != nil {
		return err
	}
	if c.substack {
		b.stack = append(b.stack, pamHandler{pamRule: r, level: level, substack: true})
		level++
	}
	return b.add(inner, level, depth+1)
}

// pamModules returns the rules of a stack that call one of the modules.
func pamModules(stack []pamHandler, modules ...string) []pamRule {
	var found []pamRule
	for _, s := range stack {
		for _, m := range modules {
			if s.module == m && !s.substack && !s.mustFail {
				found = append(found, s.pamRule)
			}
		}
	}
	return found
}
