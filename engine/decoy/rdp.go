package decoy

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"strings"
)

// Security protocols of the first packet of RDP.
const (
	rdpTLS, rdpHybrid = 1, 2
	rdpLimit          = 1 << 14
)

// serveRDP reads the name in the cookie of the first packet and, where the client
// signs in before the desktop, who signs in.
func serveRDP(s *session) {
	packet, ok := rdpRead(s)
	if !ok || len(packet) < 7 || packet[1] != 0xe0 {
		return
	}
	wanted, negotiates := noteRDP(s, packet[7:])
	if !negotiates {
		if s.send([]byte{3, 0, 0, 11, 6, 0xd0, 0, 0, 0x12, 0x34, 0}) {
			noteRDPClient(s)
		}
		return
	}
	chosen := byte(0)
	if wanted&rdpHybrid != 0 {
		chosen = rdpHybrid
	} else if wanted&rdpTLS != 0 {
		chosen = rdpTLS
	}
	if !s.send([]byte{3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0x1f, 8, 0, chosen, 0, 0, 0}) {
		return
	}
	if chosen == 0 {
		noteRDPClient(s)
		return
	}
	c, ok := encrypt(s)
	if !ok {
		return
	}
	s.r = bufio.NewReaderSize(tap{c, s.rec}, 4096)
	if chosen == rdpHybrid {
		rdpSignIn(s)
		return
	}
	noteRDPClient(s)
}

// rdpRead reads a packet without the four bytes of its frame.
func rdpRead(s *session) ([]byte, bool) {
	head, ok := s.take(4)
	if !ok || head[0] != 3 {
		return nil, false
	}
	size := int(binary.BigEndian.Uint16(head[2:]))
	if size < 5 || size > rdpLimit {
		return nil, false
	}
	return s.more(size - 4)
}

// noteRDP records the cookie and reads which security the client wants.
func noteRDP(s *session, rest []byte) (wanted uint32, negotiates bool) {
	if line, after, ok := bytes.Cut(rest, []byte("\r\n")); ok {
		text := string(line)
		if name, is := strings.CutPrefix(text, "Cookie: mstshash="); is {
			s.rec.credential(name, "", "mstshash")
		} else {
			s.rec.command(text)
		}
		rest = after
	}
	if len(rest) < 8 || rest[0] != 1 {
		return 0, false
	}
	return binary.LittleEndian.Uint32(rest[4:]), true
}

// noteRDPClient reads the next packet, in which the machine of the visitor has a name.
func noteRDPClient(s *session) {
	packet, ok := rdpRead(s)
	if !ok {
		return
	}
	const name = 24 // where it begins in the block of the client's core data
	at := bytes.Index(packet, []byte{1, 0xc0})
	if at < 0 || len(packet) < at+name+32 {
		return
	}
	text, _, _ := strings.Cut(utf16Text(packet[at+name:at+name+32]), "\x00")
	s.rec.header("workstation", text)
}

// rdpSignIn leads a sign-in before the desktop (CredSSP) to its end, which is a no.
func rdpSignIn(s *session) {
	talk := &ntlmTalk{s: s}
	for range 3 {
		request, ok := readDER(s)
		if !ok {
			return
		}
		message, number := ntlmMessage(request)
		switch number {
		case 1:
			token, ok := talk.ask()
			if !ok {
				return
			}
			if bytes.Contains(request, oidSPNEGO) {
				token = spnegoMore(token)
			}
			answer := der(0x30, der(0xa0, []byte{2, 1, 6}), der(0xa1, der(0x30, der(0x30, der(0xa0, der(0x04, token))))))
			if !s.send(answer) {
				return
			}
		case 3:
			talk.note(message)
			s.send(der(0x30, der(0xa0, []byte{2, 1, 6}), der(0xa4, []byte{2, 4, 0xc0, 0, 0, 0x6d})))
			return
		default:
			return
		}
	}
}

// readDER reads one element.
func readDER(s *session) ([]byte, bool) {
	head, ok := s.take(2)
	if !ok || head[0] != 0x30 {
		return nil, false
	}
	size := int(head[1])
	if size >= 0x80 {
		long, ok := s.more(size & 0x7f % 5)
		if !ok {
			return nil, false
		}
		size = 0
		for _, b := range long {
			size = size<<8 | int(b)
		}
	}
	if size < 0 || size > rdpLimit {
		return nil, false
	}
	return s.more(size)
}
