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
		if t.skip != nil && t.skip(b, t.r) {
			continue
		}
		switch b {
		case '\r', '\n':
			if b == '\r' {
				t.swallow()
			}
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

// swallow takes the second byte of an end of line that is there already.
func (t *terminal) swallow() {
	if t.r.Buffered() == 0 {
		return
	}
	if b, err := t.r.Peek(1); err == nil && (b[0] == '\n' || b[0] == 0) {
		t.r.Discard(1) //nolint:errcheck // it was just seen
	}
}

func (t *terminal) echo(text string, wanted bool) {
	if wanted && !t.plain {
		io.WriteString(t.w, text) //nolint:errcheck // the next read tells
	}
}
