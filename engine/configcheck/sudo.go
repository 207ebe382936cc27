package configcheck

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"holdfast/engine"
)

// judgeSudo gives find the sudoers files, or answers without them.
func (h *host) judgeSudo(good string, find func(*sudoers, *tally)) []verdict {
	s, err := h.sudo()
	if errors.Is(err, errNoSudo) {
		return absent("sudo is not installed")
	}
	if err != nil {
		return unknown(err)
	}
	var t tally
	find(s, &t)
	return t.verdicts(good, "")
}

// sedSudoers edits every sudoers file and takes the change back when visudo
// does not accept it.
func sedSudoers(script string) string {
	return fmt.Sprintf(`for f in /etc/sudoers $(find /etc/sudoers.d -type f 2>/dev/null); do
  cp -p "$f" "$f.holdfast~"
  sed -i -E '%s' "$f"
  if command -v visudo >/dev/null 2>&1 && ! visudo -cqf "$f"; then cp -p "$f.holdfast~" "$f"; fi
  rm -f "$f.holdfast~"
done`, script)
}

// subjects are the users of a rule, without exclusions.
func (r sudoRule) subjects() []string {
	var list []string
	for _, u := range r.users {
		if !strings.HasPrefix(u, "!") {
			list = append(list, u)
		}
	}
	return list
}

var sudoNoPassword = check{
	Check: engine.Check{
		ID:             "sudo-nopasswd",
		Title:          "Commands run as root through sudo without a password",
		Why:            "A program that runs as this user for a moment, a script, a browser, a stolen session, is root the next.",
		Fix:            "Remove NOPASSWD, or limit it to single commands that take no arguments and give no shell.",
		Remedy:         sedSudoers(`s/NOPASSWD:[[:space:]]*//g`),
		FalsePositives: "Usual for accounts of automation and on cloud images, where nobody has a password. Then the key of that account is the key of root: treat it so.",
		References:     []string{"CWE-306", "T1548.003", "sudoers(5)", "CIS Debian Linux 12 Benchmark 5.2.4"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-306",
		Techniques: []string{"T1548.003"}, Topic: "privilege",
	},
	look: func(h *host) []verdict {
		return h.judgeSudo("sudo always asks for a password", func(s *sudoers, t *tally) {
			for _, r := range s.rules {
				for _, c := range r.commands {
					if !c.noPassword || strings.HasPrefix(c.text, "!") || !r.runsAsRoot() {
						continue
					}
					severity := engine.Low // a single command
					if c.text == "ALL" {
						severity = engine.Medium
					}
					for _, u := range r.subjects() {
						if u != "root" {
							t.failAs(severity, u, "NOPASSWD: "+c.text+" at "+where(r.at), r.at)
						}
					}
				}
			}
		})
	},
}

var sudoNoAuthenticate = check{
	Check: engine.Check{
		ID:             "sudo-no-authenticate",
		Title:          "sudo is told not to ask who is there",
		Why:            "With !authenticate nobody has to prove who they are before a command runs as root; a session left open is enough.",
		Fix:            "Remove !authenticate from the Defaults lines, and exempt_group too.",
		Remedy:         sedSudoers(`/^[[:space:]]*Defaults/ s/^(.*)(!authenticate|exempt_group[[:space:]]*=[[:space:]]*[^,]*)/\1authenticate/`),
		FalsePositives: "None known for people; accounts of automation are better served by NOPASSWD on single commands.",
		References:     []string{"CWE-306", "T1548.003", "sudoers(5)", "CIS Debian Linux 12 Benchmark 5.2.5"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-306",
		Techniques: []string{"T1548.003"}, Topic: "privilege",
	},
	look: func(h *host) []verdict {
		return h.judgeSudo("no Defaults line switches authentication off", func(s *sudoers, t *tally) {
			for _, d := range s.defaults {
				if d.name == "authenticate" && d.negated || d.name == "exempt_group" && !d.negated && d.value != "" {
					t.fail(d.scope, fmt.Sprintf("%s at %s", d.at.Value, where(d.at)), d.at)
				}
			}
		})
	},
}

// broadGroups hold everybody with an account on usual systems.
var broadGroups = map[string]bool{
	"ALL": true, "%users": true, "%ALL": true, "%staff": true, "%domain users": true, "%Domain Users": true,
	"%nogroup": true, "nobody": true, "www-data": true, "apache": true, "nginx": true, "daemon": true,
}

var sudoForEverybody = check{
	Check: engine.Check{
		ID:             "sudo-for-everybody",
		Title:          "sudo makes ordinary accounts root",
		Why:            "Every account, or one that faces the network, may run everything as root: taking any of them is taking the machine.",
		Fix:            "Give full rights to a small group of administrators only and name single commands for everybody else.",
		Remedy:         sedSudoers(`s/^([[:space:]]*(ALL|%users|%staff|%ALL|nobody|www-data|apache|nginx|daemon)[[:space:]]+[^=]+=.*[^A-Z]ALL[[:space:]]*)$/# removed by Holdfast: \1/`),
		FalsePositives: "\"ALL ALL=(ALL) ALL\" is less bad together with Defaults targetpw, because the password of root is asked for; SUSE ships it so, and that is not reported.",
		References:     []string{"CWE-250", "CWE-269", "T1548.003", "sudoers(5)"},
		Severity:       engine.Critical, Principle: "compromise", CWE: "CWE-269",
		Techniques: []string{"T1548.003", "T1078.003"}, Topic: "privilege",
	},
	look: func(h *host) []verdict {
		return h.judgeSudo("full rights are given to named users and groups only", func(s *sudoers, t *tally) {
			if d, ok := s.option("targetpw"); ok && !d.negated {
				return
			}
			for _, r := range s.rules {
				for _, u := range r.subjects() {
					if r.grantsAll() && r.runsAsRoot() && broadGroups[u] {
						t.fail(u, u+" may run everything as root at "+where(r.at), r.at)
					}
				}
			}
		})
	},
}

var sudoWritableCommand = check{
	Check: engine.Check{
		ID:             "sudo-writable-command",
		Title:          "A command allowed by sudo can be changed by others",
		Why:            "Whoever may write to the program, or to a directory above it, decides what root runs.",
		Fix:            "Move the program to a directory that only root may write to, owned by root with mode 0755.",
		Remedy:         `grep -rhoE '(^|[=,:[:space:]])/[^,[:space:]*]+' /etc/sudoers /etc/sudoers.d 2>/dev/null | grep -oE '/.*' | sort -u | while read -r c; do if [ -f "$c" ]; then chown root:root "$c"; chmod go-w "$c"; fi; done`,
		FalsePositives: "None known. A directory of the program that others may write to has to be moved by hand.",
		References:     []string{"CWE-732", "CWE-426", "T1548.003", "T1574", "sudoers(5)"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-732",
		Techniques: []string{"T1548.003", "T1574"}, Topic: "privilege",
	},
	look: func(h *host) []verdict {
		return h.judgeSudo("only root can change the commands that sudo allows", func(s *sudoers, t *tally) {
			for _, r := range s.rules {
				for _, c := range r.commands {
					program := sudoProgram(c.text)
					if program == "" || !r.runsAsRoot() {
						continue
					}
					who, err := h.changers(program)
					if err != nil {
						t.doubt(err)
					} else if who != "" {
						t.fail(program, who+", allowed at "+where(r.at), r.at)
					}
				}
			}
		})
	},
}

// sudoProgram is the path of a command that is allowed, without arguments. A
// path with a wildcard has none.
func sudoProgram(text string) string {
	if i := strings.LastIndex(text, ":"); i >= 0 && strings.HasPrefix(text, "sha") {
		_, text, _ = strings.Cut(text, " ") // a digest
	}
	program, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	if !strings.HasPrefix(program, "/") || strings.ContainsAny(program, `*?[\`) {
		return ""
	}
	return strings.TrimSuffix(program, "/")
}

// shellPrograms start another program or write any file when asked to. Their
// manual pages say how; the names are well known.
var shellPrograms = map[string]bool{
	"vi": true, "vim": true, "view": true, "nvim": true, "emacs": true, "nano": true, "ed": true,
	"less": true, "more": true, "man": true, "most": true, "journalctl": true,
	"find": true, "xargs": true, "awk": true, "gawk": true, "mawk": true, "sed": true, "tee": true,
	"bash": true, "sh": true, "dash": true, "zsh": true, "ksh": true, "fish": true, "csh": true, "tcsh": true,
	"python": true, "python2": true, "python3": true, "perl": true, "ruby": true, "lua": true, "php": true, "node": true,
	"env": true, "nice": true, "ionice": true, "timeout": true, "nohup": true, "watch": true, "script": true, "setsid": true,
	"tar": true, "zip": true, "rsync": true, "cp": true, "mv": true, "dd": true, "install": true, "ln": true,
	"gdb": true, "strace": true, "ltrace": true, "tcpdump": true, "nmap": true, "socat": true, "nc": true, "ncat": true,
	"git": true, "make": true, "docker": true, "podman": true, "ctr": true, "lxc": true, "kubectl": true,
	"chmod": true, "chown": true, "visudo": true, "passwd": true, "usermod": true, "su": true, "mount": true, "chroot": true, "nsenter": true, "unshare": true,
	"apt": true, "apt-get": true, "dpkg": true, "rpm": true, "dnf": true, "yum": true, "pip": true, "pip3": true, "npm": true, "gem": true, "snap": true,
	"ssh": true, "scp": true, "sftp": true, "ftp": true, "curl": true, "wget": true, "screen": true, "tmux": true, "crontab": true, "at": true,
}

var sudoShellEscape = check{
	Check: engine.Check{
		ID:             "sudo-shell-escape",
		Title:          "A command allowed by sudo gives a full root shell",
		Why:            "The rule looks like a small permission, but the program starts a shell, runs other programs or overwrites any file: it is full root by a detour.",
		Fix:            "Allow a small script of your own with fixed arguments instead, or sudoedit for editing; NOEXEC helps against some.",
		Remedy:         sedSudoers(`/NOEXEC:/! s#(=[[:space:]]*(\([^)]*\))?[[:space:]]*)((NOPASSWD:[[:space:]]*)?/([^/[:space:],]+/)*(vim?|view|nano|less|more|man|find|awk|tee|python3?|perl|env|tar|rsync|cp|mv|dd|git|make|docker|bash|sh|chmod|chown)([[:space:]]|$))#\1NOEXEC: \3#`),
		FalsePositives: "Where the user may become root anyway, nothing is lost; such users are left out. With fixed arguments a command may be harmless, and is left out when it has arguments without a wildcard.",
		References:     []string{"CWE-269", "CWE-250", "T1548.003", "sudoers(5)", "GTFOBins"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-269",
		Techniques: []string{"T1548.003", "T1059.004"}, Topic: "privilege",
	},
	look: func(h *host) []verdict {
		return h.judgeSudo("no restricted rule allows a program that gives a shell", lookSudoShells)
	},
}

func lookSudoShells(s *sudoers, t *tally) {
	full := map[string]bool{}
	for _, r := range s.rules {
		for _, u := range r.subjects() {
			if r.grantsAll() && r.runsAsRoot() {
				full[u] = true
			}
		}
	}
	for _, r := range s.rules {
		for _, c := range r.commands {
			program := sudoProgram(c.text)
			fixed := strings.Contains(c.text, " ") && !strings.ContainsAny(c.text, "*?[^")
			if program == "" || fixed || c.noExec || !r.runsAsRoot() || !shellPrograms[path.Base(program)] {
				continue
			}
			for _, u := range r.subjects() {
				if !full[u] && u != "root" {
					t.fail(u+" "+program, c.text+" at "+where(r.at), r.at)
				}
			}
		}
	}
}

// longTimestamp is the number of minutes after which a password should be asked
// for again.
const longTimestamp = 60

var sudoTimestamp = check{
	Check: engine.Check{
		ID:             "sudo-long-timestamp",
		Title:          "sudo remembers a password for too long",
		Why:            "Whoever gets at the session within that time is root without knowing the password.",
		Fix:            "Set timestamp_timeout to 15 or less; -1 means for ever.",
		Remedy:         sedSudoers(`s/timestamp_timeout[[:space:]]*=[[:space:]]*"?-?[0-9.]+"?/timestamp_timeout=15/`),
		FalsePositives: "None known.",
		References:     []string{"CWE-613", "T1548.003", "sudoers(5)", "CIS Debian Linux 12 Benchmark 5.2.6"},
		Severity:       engine.Low, Principle: "compromise", CWE: "CWE-613",
		Techniques: []string{"T1548.003"}, Topic: "privilege",
	},
	look: func(h *host) []verdict {
		return h.judgeSudo("sudo asks again after a short time", func(s *sudoers, t *tally) {
			for _, d := range s.defaults {
				if d.name != "timestamp_timeout" {
					continue
				}
				if n, err := strconv.ParseFloat(d.value, 64); d.negated || err == nil && n >= 0 && n <= longTimestamp {
					continue
				}
				t.fail(d.scope, "timestamp_timeout="+d.value+" at "+where(d.at), d.at)
			}
		})
	},
}

// dangerousVariables change what a program does from the outside.
var dangerousVariables = []string{
	"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "LD_*", "PYTHONPATH", "PYTHONSTARTUP", "PERL5LIB", "PERL5OPT",
	"RUBYLIB", "RUBYOPT", "NODE_OPTIONS", "BASH_ENV", "ENV", "IFS", "GCONV_PATH", "*",
}

var sudoEnvironment = check{
	Check: engine.Check{
		ID:             "sudo-environment-kept",
		Title:          "sudo passes dangerous variables on to root",
		Why:            "With LD_PRELOAD or PYTHONPATH of the caller's choice, any allowed command runs the caller's code as root.",
		Fix:            "Keep env_reset and remove such names from env_keep; do not use SETENV.",
		Remedy:         sedSudoers(`s/!env_reset/env_reset/; /env_keep/ s/(LD_[A-Z]+|PYTHON[A-Z]+|PERL5[A-Z]+|RUBY[A-Z]+|NODE_OPTIONS|BASH_ENV|GCONV_PATH)[[:space:]]*//g`),
		FalsePositives: "Of no weight for users who may run everything anyway.",
		References:     []string{"CWE-426", "CWE-427", "T1574.006", "sudoers(5)"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-426",
		Techniques: []string{"T1574.006", "T1548.003"}, Topic: "privilege",
	},
	look: func(h *host) []verdict {
		return h.judgeSudo("the environment is reset and no dangerous variable is kept", func(s *sudoers, t *tally) {
			for _, d := range s.defaults {
				if d.name == "env_reset" && d.negated {
					t.fail("env_reset"+spaced(d.scope), "!env_reset at "+where(d.at), d.at)
				}
				if d.name != "env_keep" || d.negated {
					continue
				}
				for _, v := range strings.Fields(d.value) {
					if slices.Contains(dangerousVariables, strings.TrimSuffix(v, "=*")) {
						t.fail(v+spaced(d.scope), "env_keep has "+v+" at "+where(d.at), d.at)
					}
				}
			}
		})
	},
}

func spaced(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

var sudoPermissions = check{
	Check: engine.Check{
		ID:             "sudo-file-permissions",
		Title:          "A sudoers file can be changed by others than root",
		Why:            "One line added to it makes its author root.",
		Fix:            "The files belong to root with mode 0440, their directories with 0755 or 0750.",
		Remedy:         `find /etc/sudoers /etc/sudoers.d -type f -exec chown root:root {} + -exec chmod 0440 {} + 2>/dev/null; if [ -d /etc/sudoers.d ]; then chown root:root /etc/sudoers.d; chmod 0750 /etc/sudoers.d; fi`,
		FalsePositives: "sudo itself refuses files that others may write to and stops working; mend them anyway.",
		References:     []string{"CWE-732", "T1548.003", "sudoers(5)", "Lynis AUTH-9252"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-732",
		Techniques: []string{"T1548.003", "T1222.002"}, Topic: "privilege",
	},
	look: func(h *host) []verdict {
		return h.judgeSudo("only root can change the sudoers files", func(s *sudoers, t *tally) {
			for _, f := range append(s.files, "etc/sudoers.d") {
				m, err := h.mode(f)
				if isMissing(err) {
					continue
				}
				if err != nil {
					t.doubt(err)
				} else if who := h.writers(m); who != "" {
					t.fail("/"+f, who+" may write to it ("+m.String()+")", m.seen(f))
				}
			}
		})
	},
}

var sudoNoPty = check{
	Check: engine.Check{
		ID:             "sudo-no-pty",
		Title:          "sudo runs commands on the terminal of the caller",
		Why:            "A program run as another user can push keystrokes into the terminal of the person who called it, and stay behind after sudo has ended.",
		Fix:            "Set Defaults use_pty.",
		Remedy:         `grep -Eq '^[[:space:]]*Defaults[[:space:]]+use_pty' /etc/sudoers || printf 'Defaults use_pty\n' >> /etc/sudoers` + "\n" + sedSudoers(`s/!use_pty/use_pty/`),
		FalsePositives: "sudo 1.9.14 and later use a terminal of its own by default and are not reported.",
		References:     []string{"CWE-668", "T1055", "sudoers(5)", "CIS Debian Linux 12 Benchmark 5.2.2"},
		Severity:       engine.Low, Principle: "compromise", CWE: "CWE-668",
		Techniques: []string{"T1056", "T1548.003"}, Topic: "privilege",
	},
	look: func(h *host) []verdict {
		return h.judgeSudo("sudo gives commands a terminal of their own", func(s *sudoers, t *tally) {
			d, ok := s.option("use_pty")
			p, known := h.hasPackage("sudo")
			switch {
			case ok && d.negated:
				t.fail("", "!use_pty at "+where(d.at), d.at)
			case ok:
			case !known:
				t.doubt(errors.New("use_pty is not set, and the version of sudo, which decides on the default, is not known"))
			case !newerSudo(p.Version):
				t.fail("", "use_pty is not set, and sudo "+p.Version+" does not do it by default")
			}
		})
	},
}

// newerSudo says whether the version uses a pseudo-terminal by default: 1.9.14.
func newerSudo(version string) bool {
	if major, minor := majorMinor(version); major != 1 || minor != 9 {
		return major > 1 || minor > 9
	}
	_, rest, _ := strings.Cut(version, "1.9.")
	return leadingNumber(rest) >= 14
}
