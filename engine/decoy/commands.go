package decoy

import (
	"fmt"
	"net/url"
	"strings"
)

// fixed are answers that are the same for everybody; empty: done, nothing to say.
var fixed = map[string]string{
	"true": "", "mkdir": "", "touch": "", "rm": "", "chmod": "", "chown": "", "cp": "", "mv": "", "kill": "", "pkill": "", "killall": "",
	"export": "", "unset": "", "set": "", "history": "", "clear": "\x1b[H\x1b[2J", "sync": "", "sleep": "", "umask": "0022\n", "alias": "",
	"nproc":    "1\n",
	"arch":     "x86_64\n",
	"uptime":   " 09:12:44 up 61 days,  3:07,  1 user,  load average: 0.04, 0.02, 0.00\n",
	"w":        " 09:12:44 up 61 days,  3:07,  1 user,  load average: 0.04, 0.02, 0.00\nUSER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU WHAT\n",
	"free":     "               total        used        free      shared  buff/cache   available\nMem:         2030468      526356      311204        1180     1192908     1504112\nSwap:              0           0           0\n",
	"df":       "Filesystem     1K-blocks    Used Available Use% Mounted on\n/dev/vda1       20511312 9150072  10294004  48% /\n/dev/vdb1      103080888 61244900  36556724  63% /srv\n",
	"mount":    "/dev/vda1 on / type ext4 (rw,relatime,errors=remount-ro)\n/dev/vdb1 on /srv type ext4 (rw,relatime)\n",
	"ps":       "    PID TTY          TIME CMD\n      1 ?        00:00:41 systemd\n    402 ?        00:00:09 cron\n    433 ?        00:00:02 sshd\n   2107 pts/0    00:00:00 bash\n   2119 pts/0    00:00:00 ps\n",
	"ifconfig": "eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        inet 10.20.0.17  netmask 255.255.255.0  broadcast 10.20.0.255\n",
	"ip":       "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP\n    inet 10.20.0.17/24 brd 10.20.0.255 scope global eth0\n",
	"netstat":  "Proto Recv-Q Send-Q Local Address           Foreign Address         State\ntcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN\n",
	"ss":       "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port\ntcp   LISTEN 0      128          0.0.0.0:22        0.0.0.0:*\n",
	"crontab":  "no crontab for this user\n",
	"passwd":   "passwd: Authentication token manipulation error\npasswd: password unchanged\n",
	"su":       "su: Authentication failure\n",
	"env":      "SHELL=/bin/bash\nLANG=C.UTF-8\nPATH=/usr/local/bin:/usr/bin:/bin\n",
	"ssh":      "ssh: connect to host port 22: Network is unreachable\n",
	"ping":     "ping: connect: Network is unreachable\n",
	"apt":      "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\n",
	"apt-get":  "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\n",
}

// answer knows the commands that depend on the visit. Nothing is ever run.
func (sh *shell) answer(name string, args, all []string) (string, bool) {
	switch name {
	case "exit", "logout":
		sh.finished = true
		return "logout\n", true
	case "whoami":
		return sh.user + "\n", true
	case "id":
		return sh.id(), true
	case "pwd":
		return sh.where + "\n", true
	case "hostname":
		return sh.s.options.Host + "\n", true
	case "uname":
		return sh.uname(all), true
	case "date":
		return sh.s.now().UTC().Format("Mon Jan _2 15:04:05 MST 2006") + "\n", true
	case "echo", "printf":
		return sh.echo(all), true
	case "cd":
		return sh.cd(args), true
	case "ls", "dir":
		return sh.ls(args, all), true
	case "cat", "head", "tail", "more", "less", "strings":
		return sh.cat(name, args), true
	case "wget", "curl", "tftp", "ftpget":
		return unreachable(name, args), true
	case "which", "command", "type":
		return "/usr/bin/" + strings.Join(args, "\n/usr/bin/") + "\n", len(args) > 0
	case "bash", "sh", "python3", "perl":
		return sh.script(all), true
	}
	return "", false
}

func (sh *shell) id() string {
	if sh.user == "root" {
		return "uid=0(root) gid=0(root) groups=0(root)\n"
	}
	return fmt.Sprintf("uid=1000(%s) gid=1000(%[1]s) groups=1000(%[1]s)\n", sh.user)
}

func (sh *shell) uname(switches []string) string {
	for _, w := range switches {
		if strings.Contains(w, "a") {
			return "Linux " + sh.s.options.Host + " 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64 GNU/Linux\n"
		}
		if strings.Contains(w, "r") {
			return "6.1.0-18-amd64\n"
		}
		if strings.Contains(w, "m") {
			return "x86_64\n"
		}
	}
	return "Linux\n"
}

// echo repeats what was typed, as tools do that test whether a shell is real.
func (sh *shell) echo(words []string) string {
	text, end := strings.Join(words, " "), "\n"
	for _, s := range []string{"-n ", "-e ", "-ne ", "-en "} {
		if rest, ok := strings.CutPrefix(text, s); ok {
			text = rest
			if strings.Contains(s, "n") {
				end = ""
			}
		}
	}
	text = strings.NewReplacer(`"`, "", "'", "", "$USER", sh.user, "$HOME", sh.home(), "$PWD", sh.where, "$?", "0", "$SHELL", "/bin/bash").Replace(text)
	return text + end
}

func (sh *shell) cd(args []string) string {
	to := sh.home()
	if len(args) > 0 {
		to = sh.abs(args[0])
	}
	if to != sh.home() && !sh.files.folder(to) {
		return fmt.Sprintf("-bash: cd: %s: No such file or directory\n", args[0])
	}
	sh.where = to
	return ""
}

func (sh *shell) ls(args, all []string) string {
	at := sh.where
	if len(args) > 0 {
		at = sh.abs(args[0])
	}
	text, isFile := sh.files[at]
	long := strings.Contains(strings.Join(all, " "), "l") && len(all) > len(args)
	switch {
	case isFile:
		return sh.entry(args[0], len(text), long)
	case !sh.files.folder(at) && at != sh.home():
		return fmt.Sprintf("ls: cannot access '%s': No such file or directory\n", args[0])
	}
	hidden := strings.Contains(strings.Join(all, " "), "a")
	var b strings.Builder
	for _, name := range sh.files.list(at) {
		if hidden || !strings.HasPrefix(name, ".") {
			b.WriteString(sh.entry(name, len(sh.files[strings.TrimSuffix(at, "/")+"/"+name]), long))
		}
	}
	return b.String()
}

// entry is one line of a listing.
func (sh *shell) entry(name string, size int, long bool) string {
	plain, folder := strings.CutSuffix(name, "/")
	if !long {
		return plain + "\n"
	}
	mode, links := "-rw-r--r--", 1
	if folder {
		mode, links, size = "drwxr-xr-x", 2, 4096
	}
	day := sh.s.now().UTC().AddDate(0, -2, 0).Format("Jan _2 15:04")
	return fmt.Sprintf("%s %d root root %5d %s %s\n", mode, links, size, day, plain)
}

func (sh *shell) cat(name string, args []string) string {
	var b strings.Builder
	for _, a := range args[:min(len(args), 8)] {
		at := sh.abs(a)
		text, ok := sh.files[at]
		switch {
		case ok:
			b.WriteString(text)
		case sh.files.folder(at):
			fmt.Fprintf(&b, "%s: %s: Is a directory\n", name, a)
		case at == "/etc/shadow":
			fmt.Fprintf(&b, "%s: %s: Permission denied\n", name, a)
		default:
			fmt.Fprintf(&b, "%s: %s: No such file or directory\n", name, a)
		}
	}
	return b.String()
}

// unreachable is what a download ends with: a decoy reaches nobody.
func unreachable(name string, args []string) string {
	host := "host"
	for _, a := range args {
		if u, err := url.Parse(a); err == nil && u.Host != "" {
			host = u.Hostname()
		}
	}
	if name == "curl" {
		return fmt.Sprintf("curl: (6) Could not resolve host: %s\n", host)
	}
	return fmt.Sprintf("%s: unable to resolve host address '%s'\n", name, host)
}

// script answers a shell within the shell: what follows -c is one more command.
func (sh *shell) script(all []string) string {
	if len(all) > 1 && all[0] == "-c" {
		return sh.one(strings.Trim(strings.Join(all[1:], " "), `"'`))
	}
	return ""
}
