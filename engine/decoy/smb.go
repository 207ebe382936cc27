package decoy

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"
)

const (
	smbLimit = 1 << 16 // bytes of one message

	smbNegotiate, smbSessionSetup = 0, 1

	smbOK, smbMoreProcessing   = 0, 0xc0000016
	smbLogonFailure, smbDenied = 0xc000006d, 0xc0000022
)

// serveSMB negotiates as a file server, lets visitors sign in with NTLM, and denies.
func serveSMB(s *session) {
	talk := &ntlmTalk{s: s}
	for range 32 {
		m, ok := smbRead(s)
		if !ok {
			return
		}
		var answer []byte
		switch {
		case len(m) >= 33 && string(m[:4]) == "\xffSMB" && m[4] == 0x72:
			answer = smbFirst(s, m)
		case len(m) >= 68 && string(m[:4]) == "\xfeSMB":
			answer = smbSecond(s, talk, m)
		}
		if answer == nil || !s.send(append([]byte{0, 0, byte(len(answer) >> 8), byte(len(answer))}, answer...)) {
			return
		}
	}
}

// smbRead reads one message in the frame of NetBIOS.
func smbRead(s *session) ([]byte, bool) {
	for range 3 {
		head, ok := s.take(4)
		if !ok {
			return nil, false
		}
		size := int(head[1])<<16 | int(head[2])<<8 | int(head[3])
		if size > smbLimit {
			return nil, false
		}
		body, ok := s.more(size)
		if !ok || head[0] == 0 {
			return body, ok
		}
		if head[0] == 0x81 && !s.send([]byte{0x82, 0, 0, 0}) { // a session is asked for: granted
			return nil, false
		}
	}
	return nil, false
}

// smbFirst answers the old negotiation where it offers the new protocol too. Where it
// does not, the server hangs up, as those without the old protocol do.
func smbFirst(s *session, m []byte) []byte {
	var dialects []string
	for _, part := range bytes.Split(m[min(35, len(m)):], []byte{0}) {
		if name := strings.TrimPrefix(string(part), "\x02"); name != "" && len(dialects) < 16 {
			dialects = append(dialects, name)
		}
	}
	all := strings.Join(dialects, ", ")
	s.rec.header("dialects", all)
	switch {
	case strings.Contains(all, "SMB 2.???"):
		return smbReply(make([]byte, 64), smbOK, smbNegotiation(s, 0x02ff))
	case strings.Contains(all, "SMB 2.002"):
		return smbReply(make([]byte, 64), smbOK, smbNegotiation(s, 0x0202))
	}
	return nil
}

// smbSecond answers a message of version 2 or 3.
func smbSecond(s *session, talk *ntlmTalk, m []byte) []byte {
	switch binary.LittleEndian.Uint16(m[12:]) {
	case smbNegotiate:
		return smbReply(m, smbOK, smbNegotiation(s, smbDialect(s, m)))
	case smbSessionSetup:
		if len(m) < 80 {
			return nil
		}
		offset, size := int(binary.LittleEndian.Uint16(m[76:])), int(binary.LittleEndian.Uint16(m[78:]))
		if offset > len(m) || size > len(m)-offset {
			return nil
		}
		return smbSignIn(talk, m, m[offset:offset+size])
	}
	return smbReply(m, smbDenied, []byte{9, 0, 0, 0, 0, 0, 0, 0, 0})
}

func smbSignIn(talk *ntlmTalk, m, carrier []byte) []byte {
	message, number := ntlmMessage(carrier)
	if number == 3 {
		talk.note(message)
		return smbReply(m, smbLogonFailure, []byte{9, 0, 0, 0, 0, 0, 0, 0, 0})
	}
	challenge, ok := talk.ask()
	if number != 1 || !ok {
		return smbReply(m, smbLogonFailure, []byte{9, 0, 0, 0, 0, 0, 0, 0, 0})
	}
	token := spnegoMore(challenge)
	body := binary.LittleEndian.AppendUint16([]byte{9, 0, 0, 0, 72, 0}, uint16(len(token)))
	return smbReply(m, smbMoreProcessing, append(body, token...))
}

// smbDialect picks the newest version that needs no further negotiation.
func smbDialect(s *session, m []byte) uint16 {
	best := uint16(0x0202)
	count := int(binary.LittleEndian.Uint16(m[66:]))
	var names []string
	for i := range min(count, 16) {
		at := 64 + 36 + 2*i
		if at+2 > len(m) {
			break
		}
		d := binary.LittleEndian.Uint16(m[at:])
		names = append(names, string([]byte{"0123456789abcdef"[d>>8&15], '.', "0123456789abcdef"[d>>4&15], '.', "0123456789abcdef"[d&15]}))
		if d > best && d <= 0x0302 {
			best = d
		}
	}
	s.rec.header("dialects", strings.Join(names, ", "))
	return best
}

// smbNegotiation is the body of the answer to a negotiation.
func smbNegotiation(s *session, dialect uint16) []byte {
	token := spnegoOffer()
	guid, err := s.keys.derive("smb guid")
	if err != nil {
		guid = make([]byte, 16)
	}
	b := binary.LittleEndian.AppendUint16([]byte{65, 0, 1, 0}, dialect)
	b = append(append(b, 0, 0), guid[:16]...)
	b = binary.LittleEndian.AppendUint32(b, 1) // distributed file system
	for range 3 {
		b = binary.LittleEndian.AppendUint32(b, 1<<20)
	}
	b = binary.LittleEndian.AppendUint64(b, fileTime(s.now()))
	b = binary.LittleEndian.AppendUint64(b, 0)
	b = binary.LittleEndian.AppendUint16(b, 128)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(token)))
	return append(append(b, 0, 0, 0, 0), token...)
}

// fileTime counts tenths of microseconds since 1601.
func fileTime(t time.Time) uint64 { return uint64(t.UnixNano()/100) + 116444736000000000 }

// smbReply puts the head of an answer before its body. The number of the message and
// of the session are those of the question.
func smbReply(question []byte, status uint32, body []byte) []byte {
	head := make([]byte, 64)
	copy(head, "\xfeSMB")
	head[4] = 64
	binary.LittleEndian.PutUint32(head[8:], status)
	copy(head[12:14], question[12:14])
	head[14], head[16] = 1, 1 // one credit; this is an answer
	copy(head[24:32], question[24:32])
	copy(head[32:40], question[32:40])
	if binary.LittleEndian.Uint16(question[12:]) == smbSessionSetup {
		head[40] = 0x51
	}
	return append(head, body...)
}
