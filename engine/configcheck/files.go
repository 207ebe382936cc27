package configcheck

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"holdfast/engine"
)

// judgeWalk runs find over the result of the walk. A walk that did not see
// everything leaves the check Unknown besides what it found.
func (h *host) judgeWalk(good string, find func(*walked, *tally)) []verdict {
	w, err := h.walk()
	if err != nil {
		return unknown(err)
	}
	var t tally
	find(w, &t)
	if w.problem != nil {
		t.doubt(w.problem)
	}
	return t.verdicts(good, "")
}

// realDisks is the part of a find command that stays on real disks.
const realDisks = `find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /var/lib/docker -o -path /var/lib/containers \) -prune -o`

var fileWorldWritable = check{
	Check: engine.Check{
		ID:             "file-world-writable",
		Title:          "Everybody may write to a file",
		Why:            "Any account, also that of a service which was broken into, can change what others read or run.",
		Fix:            "Take the right to write away from others: chmod o-w.",
		Remedy:         realDisks + ` -type f -perm -0002 -exec chmod o-w {} +`,
		FalsePositives: "A few programs share lock or score files on purpose. Files in directories that others cannot enter are not reported.",
		References:     []string{"CWE-732", "T1222.002", "chmod(1)", "CIS Debian Linux 12 Benchmark 7.1.11", "Lynis FILE-7524"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-732",
		Techniques: []string{"T1222.002", "T1565.001"}, Topic: "files",
	},
	look: func(h *host) []verdict {
		return h.judgeWalk("no file can be written by everybody", func(w *walked, t *tally) {
			for _, f := range w.writableFiles {
				t.fail("/"+f.path, "mode and owner "+f.mode.String(), f.mode.seen(f.path))
			}
		})
	},
}

var dirWorldWritable = check{
	Check: engine.Check{
		ID:             "dir-world-writable",
		Title:          "Everybody may write to a directory without the sticky bit",
		Why:            "In such a directory anybody can delete or replace the files of others, with a link to something precious for example.",
		Fix:            "Add the sticky bit (chmod +t) to shared directories, or take the right to write away.",
		Remedy:         realDisks + ` -type d -perm -0002 ! -perm -1000 -exec chmod +t {} +`,
		FalsePositives: "Directories below one that others cannot enter are not reported.",
		References:     []string{"CWE-732", "CWE-379", "T1222.002", "chmod(1)", "CIS Debian Linux 12 Benchmark 7.1.11"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-732",
		Techniques: []string{"T1222.002", "T1574"}, Topic: "files",
	},
	look: func(h *host) []verdict {
		return h.judgeWalk("every directory that all may write to has the sticky bit", func(w *walked, t *tally) {
			for _, f := range w.writableDirs {
				t.fail("/"+f.path, "mode and owner "+f.mode.String(), f.mode.seen(f.path))
			}
		})
	},
}

// knownSetID are programs that distributions ship with setuid or setgid.
var knownSetID = wordSet(`su sudo sudoedit sudo-rs su-rs doas passwd chsh chfn newgrp sg gpasswd chage expiry mount umount mount.nfs mount.cifs
mount.ecryptfs_private mount.davfs mount.lowntfs-3g ntfs-3g fusermount fusermount3 umount.nfs pmount pumount eject pkexec
polkit-agent-helper-1 dbus-daemon-launch-helper ping ping4 ping6 fping fping6 arping clockdiff traceroute6 traceroute6.iputils mtr mtr-packet
at atd crontab cron anacron wall write write.ul bsd-write mesg utempter libutempter utmp ssh-agent ssh-keysign locate mlocate plocate slocate
dotlockfile mail-lock mail-unlock mail-touchlock screen tmux mutt_dotlock mlock procmail lockfile lockspool newuidmap newgidmap unix_chkpwd unix2_chkpwd
pam_timestamp_check pam_extrausers_chkpwd pwcheck userhelper usernetctl usermount snap-confine snap-update-ns chrome-sandbox brave-sandbox msedge-sandbox
chromium-sandbox bwrap Xorg Xorg.wrap xlock xterm kcheckpass kdesud start_kdeinit kismet_capture exim exim4 sendmail sendmail.sendmail
smtpctl postdrop postqueue mailq newaliases suexec suexec2 apache2-suexec pppd staprun cgexec lxc-user-nic lxc-user-network qemu-bridge-helper
spice-client-glib-usb-acl-helper libgtop_server2 gnome-pty-helper vmware-user-suid-wrapper VBoxHeadless VBoxNetAdpCtl VBoxNetDHCP VBoxNetNAT
VBoxSDL VBoxVolInfo VirtualBoxVM cockpit-session cockpit-session-socket abrt-action-install-debuginfo-to-abrt-cache grub2-set-bootflag
krb5_child ldap_child proxy_child selinux_child sssd_pam p11_child oidc_child ksu lppasswd bbsuid busybox.suid vlock-main nullmailer-queue
pt_chown camel-lock-helper-1.2 dmcrypt-get-device pam-tmpdir-helper uuidd dotlock.mailutils postlog movemail firejail opensc-notify rltime ecryptfs_unlock netreport console.lock btmp dumpcap ssh-auth-helper sss_cache singularity-suid starter-suid
fcronsighup fcrontab hardlink.setuid slurm cgroupfs-mount chkstat wodim readcd rscsi cdrecord inndstart rnews urpmi zypp-refresh-wrapper
authbind.helper helper gstreamer-ptp-helper gst-ptp-helper sensible-mda maildrop lockmail.maildrop dma dma-mbox-create
nethack-x11 nethack-console same-gnome gnome-mines mahjongg rogue phantasia sail tetris-bsd atc battlestar canfield cribbage hack snake`)

// systemDirs are where packages put programs.
var systemDirs = []string{"bin/", "sbin/", "usr/", "lib/", "lib64/", "opt/google/", "opt/brave.com/", "opt/microsoft/", "var/lib/snapd/"}

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// isKnownSetID says whether a program is one of a distribution at a place where
// packages put programs. /usr/local is for what did not come in a package.
func isKnownSetID(file string) bool {
	if !knownSetID[path.Base(file)] && !strings.HasPrefix(file, "usr/games/") || strings.HasPrefix(file, "usr/local/") {
		return false
	}
	for _, dir := range systemDirs {
		if strings.HasPrefix(file, dir) {
			return true
		}
	}
	return false
}

var fileSetID = check{
	Check: engine.Check{
		ID:             "file-setuid-unknown",
		Title:          "A program that is not part of a usual system runs with the rights of its owner",
		Why:            "A mistake in it makes its caller root; intruders leave such programs behind to become root again.",
		Fix:            "Find out where it comes from. Take the bit away (chmod u-s,g-s) or remove the program when nobody needs it.",
		Remedy:         realDisks + ` -type f -perm /6000 \( -path '/home/*' -o -path '/tmp/*' -o -path '/var/tmp/*' -o -path '/srv/*' -o -path '/usr/local/*' \) -exec chmod u-s,g-s {} +`,
		FalsePositives: "Commercial and home-made software may need it; then keep it closed to all but the group that uses it.",
		References:     []string{"CWE-250", "T1548.001", "chmod(1)", "CIS Debian Linux 12 Benchmark 7.1.13"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-250",
		Techniques: []string{"T1548.001"}, Topic: "files",
	},
	look: func(h *host) []verdict {
		return h.judgeWalk("every setuid and setgid program is one that distributions ship", func(w *walked, t *tally) {
			for _, f := range w.setID {
				if isKnownSetID(f.path) {
					continue
				}
				t.failAs(setIDSeverity(f.mode), "/"+f.path, "mode and owner "+f.mode.String(), f.mode.seen(f.path))
			}
		})
	},
}

// setIDSeverity: setuid root is worst, a group's right is least.
func setIDSeverity(m fileMode) engine.Severity {
	switch {
	case m.perm&0o4000 == 0:
		return engine.Low
	case m.owned && m.uid == 0:
		return engine.High
	}
	return engine.Medium
}

var fileUnowned = check{
	Check: engine.Check{
		ID:             "file-unowned",
		Title:          "A file belongs to no account",
		Why:            "The next account that is given the free number owns the file, with everything in it; often it is left from somebody who has gone.",
		Fix:            "Give the file to somebody (chown), or remove it.",
		Remedy:         realDisks + ` \( -nouser -o -nogroup \) -exec chown -h root:root {} +`,
		FalsePositives: "Trees unpacked with tar as root, or shared with a container, keep numbers from elsewhere. A directory stands for everything below it.",
		References:     []string{"CWE-282", "T1222.002", "chown(1)", "CIS Debian Linux 12 Benchmark 7.1.12"},
		Severity:       engine.Low, Principle: "compromise", CWE: "CWE-282",
		Techniques: []string{"T1222.002"}, Topic: "files",
	},
	look: func(h *host) []verdict {
		if len(h.facts.Users) == 0 || len(h.facts.Groups) == 0 {
			return unknown(errNoAccounts)
		}
		if h.remoteAccounts() {
			return unknown(errors.New("accounts may also come from a directory service (/etc/nsswitch.conf), so an unknown number proves nothing"))
		}
		return h.judgeWalk("every file belongs to an account and a group", func(w *walked, t *tally) {
			for _, f := range w.unowned {
				t.fail("/"+f.path, "mode and owner "+f.mode.String(), f.mode.seen(f.path))
			}
		})
	},
}

// A guarded file has a largest sensible mode.
type guarded struct {
	file     string
	allowed  uint32
	severity engine.Severity
	groups   string // groups that may read or write it beyond root, blank separated
}

// guardedFiles decide who is who and what root does.
var guardedFiles = []guarded{
	{"etc/shadow", 0o640, engine.Critical, "shadow root"},
	{"etc/shadow-", 0o640, engine.Critical, "shadow root"},
	{"etc/gshadow", 0o640, engine.High, "shadow root"},
	{"etc/gshadow-", 0o640, engine.High, "shadow root"},
	{"etc/passwd", 0o644, engine.Critical, ""},
	{"etc/passwd-", 0o644, engine.Medium, ""},
	{"etc/group", 0o644, engine.Critical, ""},
	{"etc/group-", 0o644, engine.Medium, ""},
	{"etc/ssh/sshd_config", 0o644, engine.High, ""},
	{"etc/security/opasswd", 0o640, engine.High, "shadow root"},
	{"etc/fstab", 0o664, engine.High, "root disk"},
	{"etc/ld.so.preload", 0o644, engine.Critical, ""},
	{"etc/ld.so.conf", 0o644, engine.High, ""},
	{"etc/profile", 0o644, engine.High, ""},
	{"etc/bash.bashrc", 0o644, engine.High, ""},
	{"etc/environment", 0o644, engine.High, ""},
	{"etc/hosts", 0o664, engine.Medium, "root"},
	{"etc/resolv.conf", 0o664, engine.Medium, "root systemd-resolve"},
	{"etc/nsswitch.conf", 0o644, engine.High, ""},
	{"etc/inittab", 0o644, engine.High, ""},
	{"etc/rc.local", 0o755, engine.High, ""},
	{"boot/grub/grub.cfg", 0o644, engine.High, ""},
	{"boot/grub2/grub.cfg", 0o644, engine.High, ""},
}

var fileCritical = check{
	Check: engine.Check{
		ID:    "file-critical-permissions",
		Title: "A file that guards the system is open to others",
		Why:   "Who reads shadow guesses the passwords at home; who writes to passwd, the loader's list or a start file is root.",
		Fix:   "Give the file back to root and close it: shadow and gshadow 0640 with the group shadow (or 0000), the others 0644.",
		Remedy: `for f in /etc/shadow /etc/shadow- /etc/gshadow /etc/gshadow- /etc/security/opasswd; do if [ -f "$f" ]; then chown root "$f"; chmod u-x,g-wx,o-rwx "$f"; fi; done
for f in /etc/passwd /etc/passwd- /etc/group /etc/group- /etc/ssh/sshd_config /etc/fstab /etc/ld.so.preload /etc/ld.so.conf /etc/profile /etc/bash.bashrc /etc/environment /etc/hosts /etc/nsswitch.conf /etc/inittab /etc/rc.local; do if [ -f "$f" ]; then chown root "$f"; chmod go-w "$f"; fi; done`,
		FalsePositives: "None known for the files of accounts.",
		References:     []string{"CWE-732", "CWE-276", "T1003.008", "shadow(5)", "CIS Debian Linux 12 Benchmark 7.1.1 to 7.1.8", "Lynis FILE-7524"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-732",
		Techniques: []string{"T1003.008", "T1222.002"}, Topic: "files",
	},
	look: lookCriticalFiles,
}

func lookCriticalFiles(h *host) []verdict {
	var t tally
	for _, g := range guardedFiles {
		m, err := h.mode(g.file)
		if isMissing(err) {
			continue
		}
		t.looked++
		if err != nil {
			t.doubt(err)
		} else if problem := h.tooOpen(m, g); problem != "" {
			t.failAs(g.severity, "/"+g.file, problem, m.seen(g.file))
		}
	}
	return t.verdicts("the files that guard the system belong to root and are closed", "none of the files exist here")
}

func (h *host) tooOpen(m fileMode, g guarded) string {
	if m.owned && m.uid != 0 && g.file != "etc/resolv.conf" { // systemd-resolved owns that one
		return "belongs to " + h.ownerName(m.uid)
	}
	if m.perm&0o066&^g.allowed != 0 { // running a text file as a program harms nobody
		return fmt.Sprintf("mode %04o; %04o is enough", m.perm, g.allowed)
	}
	group := h.groupName(m.gid)
	onlyGroup := m.perm >> 3 &^ m.perm & 0o6 // what the group may and others may not
	if g.groups != "" && m.owned && group != "" && onlyGroup != 0 && !strings.Contains(" "+g.groups+" ", " "+group+" ") {
		return fmt.Sprintf("open to the group %s (%s)", group, m)
	}
	return ""
}
