package configcheck

import (
	"path"
	"strings"

	"holdfast/engine"
)

// cronTables are the files and directories of cron(8) that root's cron reads.
var (
	cronTables = []string{"etc/crontab", "etc/anacrontab"}
	cronDirs   = []string{"etc/cron.d", "etc/cron.hourly", "etc/cron.daily", "etc/cron.weekly", "etc/cron.monthly"}
	cronSpools = []string{"var/spool/cron/crontabs", "var/spool/cron", "var/spool/cron/tabs", "etc/crontabs"}
)

const noCron = "no cron tables exist"

var cronPermissions = check{
	Check: engine.Check{
		ID:             "cron-permissions",
		Title:          "Others than root can change what cron runs",
		Why:            "A line in a table or a script in a cron directory is run as root within the hour.",
		Fix:            "Give the tables and directories to root and take the right to write away from everybody else.",
		Remedy:         `for f in /etc/crontab /etc/anacrontab /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly; do if [ -e "$f" ]; then chown -R root:root "$f"; chmod -R go-w "$f"; fi; done`,
		FalsePositives: "None known.",
		References:     []string{"CWE-732", "T1053.003", "crontab(5)", "cron(8)", "CIS Debian Linux 12 Benchmark 2.4.1.2", "Lynis SCHD-7704"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-732",
		Techniques: []string{"T1053.003"}, Topic: "scheduled work",
	},
	look: func(h *host) []verdict {
		var t tally
		for _, f := range cronTables {
			h.judgeOwnedByRoot(&t, f)
		}
		for _, dir := range cronDirs {
			h.judgeOwnedByRoot(&t, dir)
			names, err := h.list(dir)
			if err != nil {
				t.doubt(err)
			}
			for _, n := range names {
				h.judgeOwnedByRoot(&t, path.Join(dir, n))
			}
		}
		return t.verdicts("only root can change the tables and directories of cron", noCron)
	},
}

// judgeOwnedByRoot fails for a file that exists and that others may write to.
func (h *host) judgeOwnedByRoot(t *tally, file string) {
	m, err := h.mode(file)
	if isMissing(err) {
		return
	}
	t.looked++
	if err != nil {
		t.doubt(err)
	} else if who := h.writers(m); who != "" {
		t.fail("/"+file, who+" may write to it ("+m.String()+")", m.seen(file))
	}
}

var cronScripts = check{
	Check: engine.Check{
		ID:             "cron-writable-script",
		Title:          "A program that root's cron runs can be changed by others",
		Why:            "Whoever may write to the program, or to a directory above it, has root run their commands at the next turn.",
		Fix:            "Move the program to a directory that only root may write to, owned by root with mode 0755, or run the job as the user who owns it.",
		Remedy:         `cat /etc/crontab /etc/cron.d/* /var/spool/cron/crontabs/root /var/spool/cron/root 2>/dev/null | grep -v '^[[:space:]]*#' | grep -oE '(^|[[:space:];&|])/[^[:space:];&|<>"]+' | grep -oE '/.*' | sort -u | while read -r c; do if [ -f "$c" ]; then chown root:root "$c"; chmod go-w "$c"; fi; done`,
		FalsePositives: "Files that a job only reads or writes are looked at too when they are executable.",
		References:     []string{"CWE-732", "CWE-426", "T1053.003", "T1574", "crontab(5)"},
		Severity:       engine.Critical, Principle: "compromise", CWE: "CWE-732",
		Techniques: []string{"T1053.003", "T1574"}, Topic: "scheduled work",
	},
	look: lookCronScripts,
}

func lookCronScripts(h *host) []verdict {
	var t tally
	for _, job := range h.rootJobs(&t) {
		for _, file := range absolutePaths(job.Value) {
			m, err := h.mode(relative(file))
			if isMissing(err) || err == nil && (!m.info.Mode().IsRegular() || m.perm&0o111 == 0) {
				continue
			}
			who := ""
			if err == nil {
				who, err = h.changers(file)
			}
			if err != nil {
				t.doubt(err)
			} else if who != "" {
				t.fail(file, who+", run at "+where(job), place(job))
			}
		}
	}
	return t.verdicts("only root can change the programs that root's cron runs", noCron)
}

// place is where a command line stands without the line: it may hold a password.
func place(s engine.Seen) engine.Seen { return engine.Seen{Path: s.Path, Line: s.Line} }

// rootJobs are the command lines that cron runs as root.
func (h *host) rootJobs(t *tally) []engine.Seen {
	tables := append([]string(nil), cronTables...)
	names, err := h.list("etc/cron.d")
	if err != nil {
		t.doubt(err)
	}
	for _, n := range names {
		if !strings.Contains(n, ".") { // cron(8) skips the others
			tables = append(tables, "etc/cron.d/"+n)
		}
	}
	var jobs []engine.Seen
	for _, f := range tables {
		jobs = append(jobs, h.cronTable(t, f, f != "etc/anacrontab")...)
	}
	for _, dir := range cronSpools {
		jobs = append(jobs, h.cronTable(t, dir+"/root", false)...)
	}
	return jobs
}

// cronTable reads the jobs of root in one table. With a user column the others'
// jobs are left out.
func (h *host) cronTable(t *tally, file string, userColumn bool) []engine.Seen {
	body, err := h.read(file)
	if isMissing(err) {
		return nil
	}
	t.looked++
	if err != nil {
		t.doubt(err)
		return nil
	}
	var jobs []engine.Seen
	for _, l := range lines(body, "#") {
		if user, command := cronJob(l.text, userColumn); command != "" && user == "root" {
			jobs = append(jobs, seen(file, l.no, command))
		}
	}
	return jobs
}

// cronJob splits a line of a table into its user and command; a variable has no
// command.
func cronJob(s string, userColumn bool) (user, command string) {
	skip := 5
	switch {
	case s[0] == '@':
		skip = 1
	case s[0] >= '0' && s[0] <= '9' || s[0] == '*' || s[0] == '-':
	default:
		return "", ""
	}
	if userColumn {
		skip++
	}
	fields := strings.Fields(s)
	if len(fields) <= skip {
		return "", ""
	}
	user = "root"
	if userColumn {
		user = fields[skip-1]
	}
	return user, strings.Join(fields[skip:], " ")
}

// absolutePaths are the words of a command line that begin with a slash.
func absolutePaths(command string) []string {
	words := strings.FieldsFunc(command, func(r rune) bool { return strings.ContainsRune(" \t;&|<>()\"'`=$", r) })
	var list []string
	for _, w := range words {
		if strings.HasPrefix(w, "/") && !strings.ContainsAny(w, "*?[") && w != "/" {
			list = append(list, w)
		}
	}
	return list
}

// unitDirs are where systemd finds the units of the system.
var unitDirs = []string{"etc/systemd/system", "usr/lib/systemd/system", "lib/systemd/system", "usr/local/lib/systemd/system"}

var serviceWritable = check{
	Check: engine.Check{
		ID:             "service-writable",
		Title:          "A service that root starts can be changed by others",
		Why:            "Whoever may write to the unit file, the start script or the program decides what root runs at the next start.",
		Fix:            "Give the file and its directories to root and take the right to write away from everybody else, or let the service run as its own user (User=).",
		Remedy:         `find /etc/systemd/system /usr/local/lib/systemd/system /etc/init.d -type f -exec chown root:root {} + -exec chmod go-w {} + 2>/dev/null; grep -rhE '^Exec[A-Za-z]*=' /etc/systemd/system 2>/dev/null | sed -E 's/^[A-Za-z]+=[-@:+!|]*//; s/[[:space:]].*//' | sort -u | while read -r c; do if [ -f "$c" ]; then chown root:root "$c"; chmod go-w "$c"; fi; done`,
		FalsePositives: "A unit with User= runs with that user's rights; its program is not looked at.",
		References:     []string{"CWE-732", "CWE-426", "T1543.002", "systemd.service(5)"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-732",
		Techniques: []string{"T1543.002", "T1574"}, Topic: "scheduled work",
	},
	look: lookServices,
}

func lookServices(h *host) []verdict {
	var t tally
	done := map[string]bool{}
	for _, dir := range append(unitDirs, "etc/init.d") {
		names, err := h.list(dir)
		if err != nil {
			t.doubt(err)
		}
		for _, n := range names {
			if done[n] {
				continue // a unit of an earlier directory replaces it
			}
			done[n] = true
			h.judgeUnit(&t, path.Join(dir, n))
		}
	}
	return t.verdicts("only root can change the services that root starts", "no services are set up")
}

func (h *host) judgeUnit(t *tally, file string) {
	m, err := h.mode(file)
	if err != nil || !m.info.Mode().IsRegular() || m.info.Size() == 0 { // a directory, a masked or a dangling unit
		return
	}
	h.judgeOwnedByRoot(t, file)
	if !strings.HasSuffix(file, ".service") {
		return
	}
	body, err := h.read(file)
	if err != nil {
		t.doubt(err)
		return
	}
	for _, start := range rootStarts(body, file) {
		words := absolutePaths(start.Value)
		if len(words) == 0 {
			continue
		}
		who, err := h.changers(words[0])
		if err != nil {
			t.doubt(err)
		} else if who != "" {
			t.fail(words[0], who+", started at "+where(start), place(start))
		}
	}
}

// rootStarts are the commands of a unit that run as root.
func rootStarts(body, file string) []engine.Seen {
	var starts []engine.Seen
	asRoot := true
	for _, l := range lines(body, "#;") {
		key, value, _ := strings.Cut(l.text, "=")
		switch key, value = strings.TrimSpace(key), strings.TrimSpace(value); {
		case key == "User" && value != "root" && value != "0" && value != "":
			asRoot = false
		case key == "DynamicUser" && (value == "yes" || value == "true"):
			asRoot = false
		case strings.HasPrefix(key, "Exec"):
			starts = append(starts, seen(file, l.no, strings.TrimLeft(value, "-@:+!|")))
		}
	}
	if !asRoot {
		return nil
	}
	return starts
}

var pathInsecure = check{
	Check: engine.Check{
		ID:             "path-insecure",
		Title:          "Programs are searched in a directory that others may write to",
		Why:            "Somebody leaves a program called ls there, and the next person, root perhaps, runs it instead of the real one.",
		Fix:            "Remove dots, empty parts, relative names and directories that others may write to from PATH.",
		Remedy:         `sed -i --follow-symlinks -E '/PATH/ { s#(=|:|=")(\.|/tmp|/var/tmp)(:|"|$)#\1\3#g; s#::+#:#g; s#(="?):#\1#; s#:("?)[[:space:]]*$#\1# }' $(ls /etc/environment /etc/profile /etc/bash.bashrc /etc/login.defs /etc/crontab /etc/profile.d/*.sh /root/.profile /root/.bashrc /root/.bash_profile 2>/dev/null) /dev/null`,
		FalsePositives: "Parts built from variables cannot be judged and are left out.",
		References:     []string{"CWE-426", "CWE-427", "T1574.007", "environ(7)", "CIS Debian Linux 12 Benchmark 5.4.2.5"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-426",
		Techniques: []string{"T1574.007"}, Topic: "files",
	},
	look: lookPath,
}

// pathFiles set PATH for everybody or for root.
var pathFiles = []string{
	"etc/environment", "etc/profile", "etc/bash.bashrc", "etc/bashrc", "etc/login.defs", "etc/crontab",
	"root/.profile", "root/.bash_profile", "root/.bashrc",
}

func lookPath(h *host) []verdict {
	var t tally
	drop, err := h.glob("etc/profile.d/*.sh")
	if err != nil {
		t.doubt(err)
	}
	for _, f := range append(append([]string(nil), pathFiles...), drop...) {
		body, err := h.read(f)
		if isMissing(err) {
			continue
		}
		t.looked++
		if err != nil {
			t.doubt(err)
			continue
		}
		for _, l := range lines(body, "#") {
			value, ok := pathValue(l.text)
			if !ok {
				continue
			}
			for _, part := range strings.Split(value, ":") {
				if problem := h.pathProblem(part, value); problem != "" {
					t.fail("/"+f, problem+" in PATH at "+where(seen(f, l.no, "")), seen(f, l.no, l.text))
				}
			}
		}
	}
	return t.verdicts("PATH names only directories that root alone may change", "no file sets PATH")
}

// pathValue finds the value of an assignment to PATH, or of ENV_PATH and
// ENV_SUPATH in login.defs.
func pathValue(s string) (string, bool) {
	s = strings.TrimPrefix(s, "export ")
	for _, name := range []string{"ENV_SUPATH", "ENV_PATH"} {
		if rest, ok := strings.CutPrefix(s, name); ok {
			s = strings.TrimSpace(rest)
		}
	}
	value, ok := strings.CutPrefix(s, "PATH=")
	if !ok {
		return "", false
	}
	value, _, _ = strings.Cut(value, ";")
	return strings.Trim(strings.TrimSpace(value), `"'`), true
}

func (h *host) pathProblem(part, whole string) string {
	switch {
	case strings.ContainsAny(part, "$`~{"):
		return ""
	case part == "" && strings.Trim(whole, " ") != "":
		return "an empty part, which means the current directory,"
	case part == "." || part != "" && part[0] != '/':
		return "the relative directory " + part
	case part == "":
		return ""
	}
	m, err := h.mode(relative(part))
	if err == nil && m.perm&0o002 != 0 {
		return part + ", to which everybody may write (" + m.String() + "),"
	}
	return ""
}
