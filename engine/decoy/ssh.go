package decoy

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

var errDenied = errors.New("denied")

// sshSessions bounds the shells of one visitor at the same time, and with them the
// goroutines that a visit may use.
const sshSessions = 4

// serveSSH lets visitors offer keys and passwords, and opens the shell when it may.
// Forwarding is refused: what the visitor wanted to reach is recorded.
func serveSSH(s *session) {
	config, err := sshConfig(s)
	if err != nil {
		panic(err) // the keys of the trap could not be made
	}
	conn, channels, requests, err := ssh.NewServerConn(prefixed{s.conn, s.r}, config)
	noteSSHClient(s)
	if err != nil {
		return
	}
	defer conn.Close() //nolint:errcheck // the guard closes what is below
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { s.contained(func() { noteForwards(s, requests) }) })
	places := make(chan struct{}, sshSessions)
	for ch := range channels {
		s.conn.next()
		if ch.ChannelType() != "session" {
			noteChannel(s, ch)
			continue
		}
		if !take(places) {
			ch.Reject(ssh.ResourceShortage, "too many sessions") //nolint:errcheck // he sees it or is gone
			continue
		}
		all.Go(func() {
			defer func() { <-places }()
			s.contained(func() { sshSession(s, conn.User(), ch) })
		})
	}
}

// prefixed reads through a buffer that may hold the first bytes already.
type prefixed struct {
	net.Conn
	r *bufio.Reader
}

// Read implements net.Conn.
func (p prefixed) Read(b []byte) (int, error) { return p.r.Read(b) }

func sshConfig(s *session) (*ssh.ServerConfig, error) {
	offered := map[string]bool{}
	guess := func(user, secret, method string) (*ssh.Permissions, error) {
		s.conn.next()
		s.rec.credential(user, secret, method)
		if s.admits() {
			return nil, nil
		}
		return nil, errDenied
	}
	config := &ssh.ServerConfig{
		Config:        ssh.Config{Rand: s.server},
		ServerVersion: "SSH-2.0-" + s.options.Banner, MaxAuthTries: 6,
		PasswordCallback: func(c ssh.ConnMetadata, secret []byte) (*ssh.Permissions, error) {
			return guess(c.User(), string(secret), "password")
		},
		KeyboardInteractiveCallback: func(c ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil || len(answers) != 1 {
				return nil, errDenied
			}
			return guess(c.User(), answers[0], "keyboard-interactive")
		},
		PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			s.conn.next()
			fingerprint := ssh.FingerprintSHA256(key)
			if !offered[fingerprint] && len(offered) < s.server.config.Limits.Entries {
				offered[fingerprint] = true
				s.rec.credential(c.User(), fingerprint, "public key "+key.Type())
				s.rec.tokens(fingerprint)
			}
			return nil, errDenied
		},
	}
	hostKeys, err := s.keys.hostKeys()
	for _, k := range hostKeys {
		config.AddHostKey(k)
	}
	return config, err
}

// noteSSHClient reads the first line of the visitor from the sample.
func noteSSHClient(s *session) {
	line, _, _ := bytes.Cut(s.rec.copy().Sample, []byte("\n"))
	if bytes.HasPrefix(line, []byte("SSH-")) {
		s.rec.client(string(line))
	}
}

// contained runs what a library or a visit needs in a goroutine of its own, with
// the same promise as for the visit: a panic ends it and nothing else.
func (s *session) contained(run func()) {
	defer func() {
		if r := recover(); r != nil {
			s.rec.fault(fmt.Sprint(r))
			s.conn.end(EndedFault)
		}
	}()
	run()
}

// noteForwards records wishes for a listener on this side, and grants none.
func noteForwards(s *session, requests <-chan *ssh.Request) {
	for r := range requests {
		if r.Type == "tcpip-forward" {
			s.rec.command("[forward back] " + hostPort(r.Payload))
		}
		if r.WantReply {
			r.Reply(false, nil) //nolint:errcheck // he sees it or is gone
		}
	}
}

// noteChannel records a wish to reach somebody through this machine, and refuses.
func noteChannel(s *session, ch ssh.NewChannel) {
	s.rec.command(fmt.Sprintf("[%s] %s", ch.ChannelType(), hostPort(ch.ExtraData())))
	ch.Reject(ssh.Prohibited, "administratively prohibited") //nolint:errcheck // he sees it or is gone
}

// hostPort reads the address at the beginning of a request to forward.
func hostPort(payload []byte) string {
	var at struct {
		Host string
		Port uint32
		Rest []byte `ssh:"rest"`
	}
	if ssh.Unmarshal(payload, &at) != nil {
		return ""
	}
	return net.JoinHostPort(at.Host, strconv.FormatUint(uint64(at.Port), 10))
}

// sshSession answers one session: a shell, one command, or a refusal.
func sshSession(s *session, user string, wish ssh.NewChannel) {
	ch, requests, err := wish.Accept()
	if err != nil {
		return
	}
	defer ch.Close() //nolint:errcheck // it is over
	t := &terminal{r: bufio.NewReaderSize(ch, 1024), w: ch, limit: s.server.config.Limits.Line, next: s.conn.next, plain: true}
	for r := range requests {
		switch r.Type {
		case "pty-req", "env":
			t.plain = t.plain && r.Type != "pty-req"
			reply(r, true)
		case "shell":
			reply(r, true)
			go ssh.DiscardRequests(requests) // ends with the channel
			newShell(s, user, t).run()
			bye(ch)
			return
		case "exec":
			reply(r, true)
			go ssh.DiscardRequests(requests)
			io.WriteString(ch, newShell(s, user, t).do(payloadText(r.Payload))) //nolint:errcheck // he reads it or is gone
			bye(ch)
			return
		case "subsystem":
			s.rec.command("[subsystem] " + payloadText(r.Payload))
			reply(r, false)
		default:
			reply(r, false)
		}
	}
}

func reply(r *ssh.Request, ok bool) {
	if r.WantReply {
		r.Reply(ok, nil) //nolint:errcheck // he sees it or is gone
	}
}

func bye(ch ssh.Channel) {
	ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{0})) //nolint:errcheck // he sees it or is gone
}

func payloadText(payload []byte) string {
	var p struct{ Text string }
	if ssh.Unmarshal(payload, &p) != nil {
		return ""
	}
	return strings.TrimSpace(p.Text)
}
