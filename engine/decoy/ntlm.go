package decoy

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"
)

var ntlmSignature = []byte("NTLMSSP\x00")

// Object identifiers in DER: NTLMSSP and SPNEGO.
var (
	oidNTLM   = []byte{0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a}
	oidSPNEGO = []byte{0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02}
)

// An ntlmTalk is a sign-in with NTLM, whatever protocol carries it.
type ntlmTalk struct {
	s         *session
	challenge []byte
}

// ntlmMessage finds the message in what carries it, and its number: 1, 2 or 3.
func ntlmMessage(carrier []byte) (message []byte, number uint32) {
	at := bytes.Index(carrier, ntlmSignature)
	if at < 0 || len(carrier) < at+12 {
		return nil, 0
	}
	return carrier[at:], binary.LittleEndian.Uint32(carrier[at+8:])
}

// ask is the challenge, message 2, in the name of the host.
func (t *ntlmTalk) ask() ([]byte, bool) {
	challenge, err := t.s.server.bytes(8)
	if err != nil {
		return nil, false
	}
	t.challenge = challenge
	name, _, _ := strings.Cut(strings.ToUpper(t.s.options.Host), ".")
	name = name[:min(len(name), 15)]
	wide := utf16Bytes(name)
	var info []byte
	for _, id := range []uint16{2, 1, 4, 3} { // domain and computer, short and as in DNS
		text := wide
		if id > 2 {
			text = utf16Bytes(strings.ToLower(name))
		}
		info = binary.LittleEndian.AppendUint16(info, id)
		info = binary.LittleEndian.AppendUint16(info, uint16(len(text)))
		info = append(info, text...)
	}
	info = append(info, 0, 0, 0, 0)
	m := append(bytes.Clone(ntlmSignature), 2, 0, 0, 0)
	m = appendField(m, len(wide), 56)
	m = binary.LittleEndian.AppendUint32(m, 0x628a8215)
	m = append(append(m, challenge...), 0, 0, 0, 0, 0, 0, 0, 0)
	m = appendField(m, len(info), 56+len(wide))
	m = append(m, 10, 0, 0x7c, 0x4f, 0, 0, 0, 15) // version 10.0.20348
	return append(append(m, wide...), info...), true
}

func appendField(b []byte, size, offset int) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(size))
	b = binary.LittleEndian.AppendUint16(b, uint16(size))
	return binary.LittleEndian.AppendUint32(b, uint32(offset))
}

// note records message 3: who it was, from which machine, and the response in the
// form in which it can be tried against a list of passwords.
func (t *ntlmTalk) note(m []byte) {
	if len(m) < 64 {
		return
	}
	wide := binary.LittleEndian.Uint32(m[60:])&1 != 0
	text := func(at int) string {
		raw := ntlmField(m, at)
		if wide {
			return utf16Text(raw)
		}
		return string(raw)
	}
	response, domain, user, machine := ntlmField(m, 20), text(28), text(36), text(44)
	if machine != "" {
		t.s.rec.header("workstation", machine)
	}
	secret := ""
	if len(response) > 24 {
		secret = fmt.Sprintf("%s::%s:%s:%s:%s", user, domain, hex.EncodeToString(t.challenge), hex.EncodeToString(response[:16]), hex.EncodeToString(response[16:]))
	} else if len(response) == 24 {
		secret = fmt.Sprintf("%s::%s:%s:%s:%s", user, domain, hex.EncodeToString(ntlmField(m, 12)), hex.EncodeToString(response), hex.EncodeToString(t.challenge))
	}
	if domain != "" {
		user = domain + `\` + user
	}
	t.s.rec.credential(user, secret, "ntlm")
}

// ntlmField is what a field of a message points to, or nothing.
func ntlmField(m []byte, at int) []byte {
	size, offset := int(binary.LittleEndian.Uint16(m[at:])), int(binary.LittleEndian.Uint32(m[at+4:]))
	if offset > len(m) || size > len(m)-offset {
		return nil
	}
	return m[offset : offset+size]
}

func utf16Bytes(text string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func utf16Text(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// der is one element of a structure: tag, length, content.
func der(tag byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	switch n := len(body); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, body...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, body...)
	default:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, body...)
	}
}

// spnegoOffer says that NTLM is spoken here.
func spnegoOffer() []byte {
	return der(0x60, oidSPNEGO, der(0xa0, der(0x30, der(0xa0, der(0x30, oidNTLM)))))
}

// spnegoMore carries a challenge.
func spnegoMore(token []byte) []byte {
	return der(0xa1, der(0x30, der(0xa0, []byte{0x0a, 1, 1}), der(0xa1, oidNTLM), der(0xa2, der(0x04, token))))
}
