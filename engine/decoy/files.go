package decoy

import (
	"path"
	"slices"
	"strings"
)

// files is the file system of the shell: a map that lives as long as a visit. It
// knows nothing of the files of the machine.
type files map[string]string

// usualFiles are those of a small server, with the name of the host in them.
func usualFiles(host string, more map[string]string) files {
	f := files{
		"/etc/hostname":   host + "\n",
		"/etc/os-release": "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n",
		"/etc/issue":      "Debian GNU/Linux 12 \\n \\l\n\n",
		"/etc/hosts":      "127.0.0.1\tlocalhost\n127.0.1.1\t" + host + "\n",
		"/etc/passwd": "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n" +
			"www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nsshd:x:101:65534::/run/sshd:/usr/sbin/nologin\nbackup:x:1001:1001:Nightly copy,,,:/home/backup:/bin/bash\n",
		"/etc/crontab":                   "SHELL=/bin/sh\n17 3 * * *\tbackup\t/home/backup/nightly.sh\n",
		"/etc/ssh/sshd_config":           "Port 22\nPermitRootLogin yes\nUsePAM yes\nSubsystem sftp /usr/lib/openssh/sftp-server\n",
		"/proc/cpuinfo":                  "processor\t: 0\nmodel name\t: Common KVM processor\ncpu MHz\t\t: 2394.454\ncores\t\t: 1\n",
		"/proc/meminfo":                  "MemTotal:        2030468 kB\nMemFree:          311204 kB\nMemAvailable:    1504112 kB\n",
		"/proc/version":                  "Linux version 6.1.0-18-amd64 (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP PREEMPT_DYNAMIC\n",
		"/root/.bashrc":                  "export PS1='\\u@\\h:\\w\\$ '\n",
		"/root/.ssh/authorized_keys":     "",
		"/home/backup/nightly.sh":        "#!/bin/sh\nset -e\ntar -C /srv/share -czf /srv/backup/share-$(date +%F).tar.gz .\n",
		"/srv/backup/share-latest.sha1":  "0d1ba7d1b2f0b5b8f8f6e1f2f4f5fcb9d9a3c0de  share-latest.tar.gz\n",
		"/srv/share/README.txt":          "Files of this share are copied every night. Ask the service desk for old versions.\n",
		"/var/log/auth.log":              "",
		"/var/www/html/index.html":       "<!doctype html><title>It works</title>\n",
		"/tmp/.keep":                     "",
		"/usr/local/bin/.keep":           "",
		"/opt/.keep":                     "",
		"/home/backup/.ssh/known_hosts":  "",
		"/home/backup/.bash_history":     "ls -la /srv/backup\ndf -h\n./nightly.sh\nexit\n",
		"/var/spool/cron/crontabs/.keep": "",
	}
	for name, text := range more {
		f[path.Clean("/"+name)] = text
	}
	return f
}

// folder tells whether a path is a folder: something lies below it.
func (f files) folder(name string) bool {
	if name == "/" {
		return true
	}
	for p := range f {
		if strings.HasPrefix(p, name+"/") {
			return true
		}
	}
	return false
}

// list names what lies in a folder, in order; folders end with a slash.
func (f files) list(folder string) []string {
	prefix := strings.TrimSuffix(folder, "/") + "/"
	var names []string
	for p := range f {
		rest, below := strings.CutPrefix(p, prefix)
		if !below || rest == "" {
			continue
		}
		if name, _, deeper := strings.Cut(rest, "/"); deeper {
			rest = name + "/"
		}
		if rest != ".keep" && !slices.Contains(names, rest) {
			names = append(names, rest)
		}
	}
	slices.Sort(names)
	return names
}
