package decoy

import (
	"bufio"
	"io"
)

// A terminal reads lines as a person types them: it echoes, takes back and gives up.
type terminal struct {
	r     *bufio.Reader
	w     io.Writer
	limit int
	skip  func(b byte, r *bufio.Reader) bool // takes what is no typing, such as the options of telnet
	next  func()                             // begins a phase
	half  bool                               // the last byte was the first half of an end of line
	plain bool                               // no terminal at the other end: no prompt, no echo
}

// ask shows a prompt and reads a line. It tells false at the end of the input.
func (t *terminal) ask(prompt string, echo bool) (string, bool) {
	t.next()
	if !t.plain {
		if _, err := io.WriteString(t.w, prompt); err != nil {
			return "", false
		}
	}
	var line []byte
	for {
		b, err := t.r.ReadByte()
		if err != nil {
			return string(line), false
		}
		half := t.half && (b == '\n' || b == 0)
		t.half = false
		if half || t.skip != nil && t.skip(b, t.r) {
			continue
		}
		switch b {
		case '\r', '\n':
			t.half = b == '\r'
			t.echo("\r\n", true)
			return string(line), true
		case 3: // ^C
			t.echo("^C\r\n", true)
			return "", true
		case 4: // ^D
			if len(line) == 0 {
				return "", false
			}
		case 8, 127:
			if len(line) > 0 {
				line = line[:len(line)-1]
				t.echo("\b \b", echo)
			}
		default:
			if len(line) < t.limit {
				line = append(line, b)
				t.echo(string([]byte{b}), echo)
			}
		}
	}
}

func (t *terminal) echo(text string, wanted bool) {
	if wanted && !t.plain {
		io.WriteString(t.w, text) //nolint:errcheck // the next read tells
	}
}
