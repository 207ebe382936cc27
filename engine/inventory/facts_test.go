package inventory

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func link(to string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(to), Mode: fs.ModeSymlink | 0o777}
}

func TestOSReleaseIsReadAsAShellWould(t *testing.T) {
	for name, c := range map[string]struct {
		fsys fstest.MapFS
		want engine.OS
	}{
		"quotes": {fstest.MapFS{"etc/os-release": file("# a comment\nNAME=x\nID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME='Debian GNU/Linux 12 (bookworm)'\nVERSION_CODENAME=bookworm\nbroken line\n")},
			engine.OS{ID: "debian", VersionID: "12", PrettyName: "Debian GNU/Linux 12 (bookworm)", Codename: "bookworm"}},
		"the other place": {fstest.MapFS{"usr/lib/os-release": file("ID=alpine\nVERSION_ID=3.18.4\n")},
			engine.OS{ID: "alpine", VersionID: "3.18.4"}},
		"a derivative": {fstest.MapFS{"etc/os-release": file("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_ID=\"21.3\"\nVERSION_CODENAME=virginia\nUBUNTU_CODENAME=jammy\n")},
			engine.OS{ID: "linuxmint", IDLike: []string{"ubuntu", "debian"}, VersionID: "21.3", Codename: "jammy"}},
		"old testing": {fstest.MapFS{"etc/os-release": file("ID=debian\nPRETTY_NAME=\"Debian GNU/Linux bullseye/sid\"\n")},
			engine.OS{ID: "debian", PrettyName: "Debian GNU/Linux bullseye/sid", Codename: "bullseye"}},
		"escapes": {fstest.MapFS{"etc/os-release": file(`PRETTY_NAME="a \"b\" \$c \\d"`)}, engine.OS{PrettyName: `a "b" $c \d`}},
		"nothing": {fstest.MapFS{}, engine.OS{}},
	} {
		var log problems
		got := osRelease(c.fsys, &log)
		if len(got.IDLike) == 0 {
			got.IDLike = nil
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestPasswordsAreDescribedAndNoHashIsKept(t *testing.T) {
	const secret = "Zm9yYmlkZGVuZm9yYmlkZGVu"
	cases := []struct {
		field  string
		state  engine.PasswordState
		method string
	}{
		{"", engine.PasswordEmpty, ""},
		{"*", engine.PasswordLocked, ""},
		{"!", engine.PasswordLocked, ""},
		{"!!", engine.PasswordLocked, ""},
		{"x", engine.PasswordLocked, ""},
		{"NP", engine.PasswordLocked, ""},
		{"$y$j9T$abc$" + secret, engine.PasswordSet, "yescrypt"},
		{"$gy$j9T$abc$" + secret, engine.PasswordSet, "gost-yescrypt"},
		{"$7$C6..../....$" + secret, engine.PasswordSet, "scrypt"},
		{"$2b$12$" + secret, engine.PasswordSet, "bcrypt"},
		{"$6$salt$" + secret, engine.PasswordSet, "sha512"},
		{"$5$salt$" + secret, engine.PasswordSet, "sha256"},
		{"$sha1$1$salt$" + secret, engine.PasswordSet, "sha1"},
		{"$1$salt$" + secret, engine.PasswordSet, "md5"},
		{"$3$$" + secret, engine.PasswordSet, "nt"},
		{"$9$salt$" + secret, engine.PasswordSet, "unknown"},
		{"abJnggxhB/yWI", engine.PasswordSet, "des"},
		{"_J9..rasmBYk8r9AiWNc", engine.PasswordSet, "bsdi"},
		{"!$6$salt$" + secret, engine.PasswordLocked, "sha512"},
	}
	var passwd, shadow strings.Builder
	for i, c := range cases {
		fmt.Fprintf(&passwd, "u%d:x:%d:100::/home/u%d:/bin/sh\n", i, 1000+i, i)
		fmt.Fprintf(&shadow, "u%d:%s:19000:0:90:7:::\n", i, c.field)
	}
	facts, problems := hostFacts(fstest.MapFS{"etc/passwd": file(passwd.String()), "etc/shadow": file(shadow.String())}, false)
	if len(facts.Users) != len(cases) || len(problems) != 0 {
		t.Fatalf("%d users, problems %v", len(facts.Users), problems)
	}
	for i, c := range cases {
		u := facts.Users[i]
		if u.Password != c.state || u.Method != c.method || u.MaxDays != 90 || u.UID != 1000+i {
			t.Errorf("%q: got %+v, want %s %s", c.field, u, c.state, c.method)
		}
	}
	if strings.Contains(fmt.Sprintf("%+v", facts), secret) {
		t.Error("a hash must never be kept")
	}
}

// deniedFS is a file system in which one file may not be read.
type deniedFS struct {
	fstest.MapFS
	name string
}

func (d deniedFS) Open(name string) (fs.File, error) {
	if name == d.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.MapFS.Open(name)
}

func (d deniedFS) ReadFile(name string) ([]byte, error) {
	f, err := d.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return d.MapFS.ReadFile(name)
}

func TestUsersWithoutAReadableShadowAreNotCalledLocked(t *testing.T) {
	base := fstest.MapFS{
		"etc/passwd": file("root:x:0:0:root:/root:/bin/bash\nopen::1:1::/:/bin/sh\nold:abJnggxhB/yWI:2:2::/:/bin/sh\n+nis::::::\n\nbroken:x:1\nodd:x:abc:1::/:/bin/sh\n"),
		"etc/shadow": file("root:$6$a$b:1::::::\n"),
	}
	facts, problems := hostFacts(deniedFS{base, "etc/shadow"}, false)
	var got []string
	for _, u := range facts.Users {
		got = append(got, fmt.Sprintf("%s %s %s", u.Name, u.Password, u.Method))
	}
	if d := cmp.Diff([]string{"root unreadable ", "open empty ", "old set des"}, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	want := []engine.Problem{
		{Path: "/etc/shadow", Reason: "may not be read; run as root to include it"},
		{Path: "/etc/passwd", Reason: "line 6: expected seven fields with colons between them"},
		{Path: "/etc/passwd", Reason: "line 7: the user or group id of odd is not a number"},
	}
	if d := cmp.Diff(want, problems); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
	delete(base, "etc/shadow")
	if facts, _ := hostFacts(base, false); facts.Users[0].Password != engine.PasswordLocked {
		t.Errorf("without a shadow file no password works: %+v", facts.Users[0])
	}
}

func TestGroupsKeepTheirMembers(t *testing.T) {
	facts, problems := hostFacts(fstest.MapFS{"etc/group": file("root:x:0:\nsudo:x:27:anna,ben,\nbroken\nodd:x:z:\n")}, false)
	want := []engine.Group{{Name: "root"}, {Name: "sudo", GID: 27, Members: []string{"anna", "ben"}}}
	if d := cmp.Diff(want, facts.Groups); d != "" || len(problems) != 2 {
		t.Errorf("problems %v (-want +got):\n%s", problems, d)
	}
}

// liveSystem is a small running system.
func liveSystem() fstest.MapFS {
	const heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	row := func(local, state, uid, inode string) string {
		return "   0: " + local + " 00000000:0000 " + state + " 00000000:00000000 00:00000000 00000000 " + uid + " 0 " + inode + " 1 0 100\n"
	}
	return fstest.MapFS{
		"proc/sys/kernel/hostname":  file("web1\n"),
		"proc/sys/kernel/osrelease": file("6.1.0-18-amd64\n"),
		"proc/stat":                 file("cpu 1 2 3\nbtime 1700000000\n"),
		"proc/self/mounts":          file("/dev/vda1 / ext4 rw,relatime 0 0\nshare /mnt/my\\040files nfs4 ro,nosuid 0 0\nodd\n"),
		"proc/net/tcp":              file(heading + row("0100007F:1538", "0A", "26", "111") + row("00000000:0016", "0A", "0", "222") + row("0100007F:9999", "01", "0", "333") + "broken line\n"),
		"proc/net/tcp6":             file(heading + row("00000000000000000000000001000000:0050", "0A", "0", "444")),
		"proc/net/udp":              file(heading + row("00000000:0044", "07", "0", "555")),
		"proc/1/comm":               file("systemd\n"),
		"proc/1/cgroup":             file("0::/init.scope\n"),
		"proc/20/comm":              file("sshd\n"),
		"proc/20/cgroup":            file("0::/system.slice/ssh.service\n"),
		"proc/20/fd/3":              link("socket:[222]"),
		"proc/20/fd/4":              link("/dev/null"),
		"proc/30/comm":              file("postgres\n"),
		"proc/30/cgroup":            file("1:name=systemd:/system.slice/system-postgresql.slice/postgresql@15-main.service\n"),
		"proc/30/fd/5":              link("socket:[111]"),
		"proc/40/comm":              file("bash\n"),
		"proc/40/cgroup":            file("0::/user.slice/user-1000.slice/session-2.scope\n"),
		"proc/notapid/comm":         file("x\n"),

		"etc/systemd/system/multi-user.target.wants/ssh.service":  link("/lib/systemd/system/ssh.service"),
		"etc/systemd/system/multi-user.target.wants/cron.service": link("/lib/systemd/system/cron.service"),
		"etc/systemd/system/multi-user.target.wants/bad.service":  link("/lib/systemd/system/bad.service"),
		"etc/systemd/system/bad.service":                          link("/dev/null"),
		"etc/systemd/system/multi-user.target.wants/off.service":  link("/lib/systemd/system/off.service"),
		"etc/systemd/system/off.service":                          file(""),
		"etc/systemd/system/sockets.target.wants/cups.socket":     link("/lib/systemd/system/cups.socket"),
		"lib/systemd/system/cron.service":                         file(""),
		"etc/rc2.d/S01cron":                                       link("../init.d/cron"),
		"etc/rc2.d/S01legacy":                                     link("../init.d/legacy"),
		"etc/rc2.d/K01off":                                        link("../init.d/off"),
	}
}

func TestARunningSystemTellsItsListenersServicesAndMounts(t *testing.T) {
	got, problems := hostFacts(liveSystem(), true)
	want := engine.HostFacts{
		Live: true, Hostname: "web1", Kernel: "6.1.0-18-amd64", BootTime: time.Unix(1700000000, 0).UTC(),
		Listeners: []engine.Listener{
			{Proto: "tcp", Address: "127.0.0.1", Port: 5432, PID: 30, Process: "postgres", UID: 26},
			{Proto: "tcp", Address: "0.0.0.0", Port: 22, PID: 20, Process: "sshd"},
			{Proto: "tcp6", Address: "::1", Port: 80},
			{Proto: "udp", Address: "0.0.0.0", Port: 68},
		},
		Services: []engine.Service{
			{Name: "cron", Enabled: true}, {Name: "cups.socket", Enabled: true}, {Name: "legacy", Enabled: true},
			{Name: "postgresql@15-main", Running: true}, {Name: "ssh", Enabled: true, Running: true},
		},
		Mounts: []engine.Mount{
			{Device: "/dev/vda1", Path: "/", Type: "ext4", Options: []string{"rw", "relatime"}},
			{Device: "share", Path: "/mnt/my files", Type: "nfs4", Options: []string{"ro", "nosuid"}},
		},
	}
	got.OS.IDLike = nil
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("a masked unit must not count as enabled (-want +got):\n%s", d)
	}
	wantProblems := []engine.Problem{
		{Path: "/proc/self/mounts", Reason: "line 3: expected a device, a directory and a type"},
		{Path: "/proc/net/tcp", Reason: "line 5: expected a socket as the kernel writes it"},
	}
	if d := cmp.Diff(wantProblems, problems); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
}

func TestARootDoesNotClaimToKnowWhatOnlyARunningSystemTells(t *testing.T) {
	fsys := liveSystem()
	fsys["etc/hostname"] = file("image\n")
	fsys["etc/fstab"] = file("# static\nUUID=1 / ext4 errors=remount-ro 0 1\n\nUUID=2 none swap sw 0 0\n")
	got, problems := hostFacts(fsys, false)
	if got.Live || got.Kernel != "" || got.Hostname != "image" || len(got.Listeners) != 0 || !got.BootTime.IsZero() || len(problems) != 0 {
		t.Errorf("facts %+v, problems %v", got, problems)
	}
	if len(got.Mounts) != 2 || got.Mounts[1].Path != "none" {
		t.Errorf("mounts %+v", got.Mounts)
	}
	for _, s := range got.Services {
		if s.Running {
			t.Errorf("nothing runs in a root: %+v", s)
		}
	}
}

func TestOpenRCAndSystemVServicesAreFound(t *testing.T) {
	fsys := fstest.MapFS{
		"etc/runlevels/default/sshd": link("/etc/init.d/sshd"), "etc/runlevels/boot/syslog": link("/etc/init.d/syslog"),
		"proc/9/comm": file("sshd\n"),
	}
	got := services(fsys, processes(fsys))
	if d := cmp.Diff([]engine.Service{{Name: "sshd", Enabled: true, Running: true}, {Name: "syslog", Enabled: true}}, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestTheKindOfContainerIsToldByItsMarks(t *testing.T) {
	for name, c := range map[string]struct {
		fsys fstest.MapFS
		live bool
		want string
	}{
		"docker":         {fstest.MapFS{".dockerenv": file("")}, true, "docker"},
		"podman":         {fstest.MapFS{"run/.containerenv": file("")}, true, "podman"},
		"environment":    {fstest.MapFS{"proc/1/environ": file("A=b\x00container=lxc\x00")}, true, "lxc"},
		"control group":  {fstest.MapFS{"proc/1/cgroup": file("0::/kubepods/besteffort/pod1/abc\n")}, true, "kubernetes"},
		"systemd":        {fstest.MapFS{"run/systemd/container": file("systemd-nspawn\n")}, true, "systemd-nspawn"},
		"a machine":      {fstest.MapFS{"proc/1/cgroup": file("0::/init.scope\n")}, true, ""},
		"not live":       {fstest.MapFS{"proc/1/cgroup": file("0::/docker/1\n")}, false, ""},
		"nothing at all": {fstest.MapFS{}, true, ""},
	} {
		if got := container(c.fsys, c.live); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestMountNamesAreUnescaped(t *testing.T) {
	for in, want := range map[string]string{`/a\040b`: "/a b", `\134`: `\`, `/a\04`: `/a\04`, `/x\999y`: `/x\999y`, "/plain": "/plain"} {
		if got := unescapeMount(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestThisMachineTellsOfASocketThatWeOpened proves the way from the tables of the
// kernel to the process on a real kernel.
func TestThisMachineTellsOfASocketThatWeOpened(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	root, err := engine.OpenRoot("/")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if _, err := fs.Stat(root, "proc/net/tcp"); err != nil {
		t.Skipf("this machine has no table of sockets: %v", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	facts, _ := hostFacts(root, true)
	for _, got := range facts.Listeners {
		if got.Proto == "tcp" && got.Port == port {
			if got.Address != "127.0.0.1" || got.PID != os.Getpid() || got.Process == "" || got.UID != os.Getuid() {
				t.Errorf("got %+v, want process %d", got, os.Getpid())
			}
			return
		}
	}
	t.Errorf("port %d is not among %d listeners", port, len(facts.Listeners))
}

func FuzzFacts(f *testing.F) {
	f.Add([]byte("root:x:0:0:root:/root:/bin/bash\n"))
	f.Add([]byte("  sl\n   0: 0100007F:1538 00000000:0000 0A 0:0 0:0 0 26 0 111\n"))
	f.Add([]byte("/dev/x /a\\040b ext4 rw 0 0\nID=\"x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fsys := fstest.MapFS{}
		for _, name := range []string{"etc/passwd", "etc/shadow", "etc/group", "etc/os-release", "proc/self/mounts", "proc/net/tcp", "proc/net/udp6", "proc/stat", "proc/1/cgroup", "proc/1/comm"} {
			fsys[name] = &fstest.MapFile{Data: data}
		}
		facts, _ := hostFacts(fsys, true)
		for _, l := range facts.Listeners {
			if l.Port < 0 || l.Port > 65535 {
				t.Errorf("port %d", l.Port)
			}
		}
	})
}
