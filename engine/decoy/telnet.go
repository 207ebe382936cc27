package decoy

import "bufio"

// The commands of telnet (RFC 854) that matter here.
const (
	telnetSE, telnetSB, telnetWILL, telnetDO, telnetIAC = 240, 250, 251, 253, 255
	telnetEcho, telnetSGA, telnetSize                   = 1, 3, 31
)

// serveTelnet asks for names and passwords, and opens the shell when it may.
func serveTelnet(s *session) {
	t := &terminal{r: s.r, w: s.w, limit: s.server.config.Limits.Line, skip: skipTelnet, next: s.conn.next}
	if !s.send([]byte{telnetIAC, telnetDO, telnetSize, telnetIAC, telnetWILL, telnetEcho, telnetIAC, telnetWILL, telnetSGA}) || !s.say("%s\r\n", s.options.Banner) {
		return
	}
	for range 3 {
		user, ok := t.ask(s.options.Host+" login: ", true)
		if !ok {
			noteRest(s, user)
			return
		}
		secret, ok := t.ask("Password: ", false)
		if !ok && secret == "" {
			noteRest(s, user)
			return
		}
		s.rec.credential(user, secret, "password")
		if s.admits() {
			newShell(s, user, t).run()
			return
		}
		if !s.say("\r\nLogin incorrect\r\n") {
			return
		}
	}
}

// noteRest keeps what was typed before the visitor hung up.
func noteRest(s *session, typed string) {
	if typed != "" {
		s.rec.command(typed)
	}
}

// skipTelnet takes a command of the protocol out of what is typed.
func skipTelnet(b byte, r *bufio.Reader) bool {
	if b == 0 {
		return true
	}
	if b != telnetIAC {
		return false
	}
	command, err := r.ReadByte()
	switch {
	case err != nil || command == telnetIAC:
	case command == telnetSB:
		for last := byte(0); err == nil; {
			var c byte
			if c, err = r.ReadByte(); last == telnetIAC && c == telnetSE {
				break
			}
			last = c
		}
	case command >= telnetWILL:
		r.ReadByte() //nolint:errcheck // the next read tells
	}
	return true
}
