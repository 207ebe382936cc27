package event

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
)

// A pair is a name and its value in a line.
type pair struct{ name, value string }

// looksLikeAudit recognises type=… msg=audit(…).
func looksLikeAudit(line []byte) bool {
	if bytes.HasPrefix(line, []byte("node=")) {
		_, line, _ = bytes.Cut(line, []byte{' '})
	}
	if bytes.HasPrefix(line, []byte("type=")) {
		return bytes.Contains(line[:min(len(line), 120)], []byte("audit("))
	}
	return bytes.HasPrefix(line, []byte("audit(")) || bytes.HasPrefix(line, []byte("audit: type="))
}

// encoded are the fields that the kernel writes as hexadecimal where they hold a space,
// a quote or a control character.
var encoded = map[string]bool{"proctitle": true, "comm": true, "exe": true, "cwd": true, "name": true, "acct": true, "cmd": true,
	"key": true, "data": true, "path": true, "dir": true, "file": true, "vm": true, "watch": true, "grp": true, "new_group": true, "ocomm": true}

// audit reads one record of the Linux audit system, raw or enriched by auditd.
func (p *Parser) audit(s string, e *Event) bool {
	s = strings.TrimSpace(strings.TrimPrefix(s, "audit: "))
	start := strings.Index(s, "audit(")
	if start < 0 || start > 200 {
		return false
	}
	head := strings.TrimSuffix(s[:start], "msg=")
	stamp, rest, ok := strings.Cut(s[start+len("audit("):], ")")
	if !ok {
		return false
	}
	p.pairs = p.pairs[:0]
	p.readPairs(head, false)
	clock, serial, _ := strings.Cut(stamp, ":")
	rest = strings.TrimLeft(rest, ": ")
	plain, extra, _ := strings.Cut(rest, "\x1d")
	kind := strings.TrimPrefix(p.pairOf("type"), "AUOMS_")
	p.readPairs(plain, true)
	p.readPairs(extra, false)
	e.Format, e.Product, e.Service, e.Message = Auditd, "linux", "auditd", cleanText(s)
	if at, ok := epoch(clock); ok {
		e.happened(at, clock)
	} else {
		p.when(e, clock)
	}
	p.auditNative(kind, serial, s, e)
	p.auditMeaning(kind, e)
	return true
}

// readPairs reads name=value, 'values' and "values" in quotes; decode takes values that
// are in hexadecimal out of it. What stands in msg='…' is read too.
func (p *Parser) readPairs(s string, decode bool) {
	for s != "" {
		s = strings.TrimLeft(s, " ,\t")
		name, rest, ok := strings.Cut(s, "=")
		if !ok {
			return
		}
		if i := strings.LastIndexByte(name, ' '); i >= 0 {
			name = name[i+1:]
		}
		if strings.HasPrefix(rest, "'") && name == "msg" {
			inner, tail, _ := strings.Cut(rest[1:], "'")
			p.readPairs(inner, decode)
			s = tail
			continue
		}
		value, tail := pairValue(rest)
		quoted := strings.HasPrefix(rest, `"`)
		if decode && !quoted && (encoded[name] || isArgument(name)) {
			value = unhex(value)
		}
		p.pairs = append(p.pairs, pair{name, value})
		s = tail
	}
}

// pairValue reads a value up to a space, or up to the closing quote.
func pairValue(s string) (value, rest string) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
			return s[1 : 1+end], s[end+2:]
		}
	}
	if i := strings.IndexByte(s, ' '); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// isArgument recognises a0, a1 and a1[2], the arguments of a command.
func isArgument(name string) bool { return len(name) > 1 && name[0] == 'a' && isDigit(name[1]) }

// unhex decodes a value in hexadecimal; anything else stays as it is. Bytes of zero
// between arguments become spaces.
func unhex(s string) string {
	if len(s) < 2 || len(s)%2 != 0 {
		return s
	}
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && (c < 'A' || c > 'F') {
			return s
		}
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return s
	}
	b = bytes.TrimRight(b, "\x00")
	return string(bytes.ReplaceAll(b, []byte{0}, []byte{' '}))
}

func (p *Parser) pairOf(name string) string {
	for _, kv := range p.pairs {
		if kv.name == name {
			return kv.value
		}
	}
	return ""
}

// auditNative writes the fields by the names of auditd. The arguments of a system call
// are numbers, those of a command are words; only the latter are decoded.
func (p *Parser) auditNative(kind, serial, line string, e *Event) {
	var o object
	o.open(e.buffer)
	if kind == "" {
		o.text("type", p.pairOf("type"))
	}
	for _, kv := range p.pairs {
		o.always(kv.name, kv.value)
	}
	o.text("serial", serial)
	o.always("message", line)
	e.native(o.close())
}

// auditMeaning says what a record is about by its type.
func (p *Parser) auditMeaning(kind string, e *Event) {
	e.Host = p.pairOf("node")
	e.User = firstOf(p.pairOf("acct"), unset(p.pairOf("AUID")), unset(p.pairOf("auid")), p.pairOf("UID"), p.pairOf("uid"))
	e.Process = firstOf(p.pairOf("exe"), p.pairOf("comm"))
	e.PID, _ = strconv.ParseInt(p.pairOf("pid"), 10, 64)
	switch p.pairOf("res") + p.pairOf("success") {
	case "success", "yes", "1":
		e.Outcome = Success
	case "failed", "no", "0":
		e.Outcome = Failure
	}
	if a := address(p.pairOf("addr")); a.IsValid() {
		e.Src = a
	}
	switch kind {
	case "SYSCALL":
		p.auditCall(e)
	case "EXECVE":
		e.is(ProcessActivity, 1)
		e.CommandLine = firstOf(p.pairOf("cmdline"), p.arguments())
		e.Process = firstOf(e.Process, firstWord(e.CommandLine))
	case "PROCTITLE":
		e.is(ProcessActivity, 1)
		e.CommandLine = p.pairOf("proctitle")
	case "PATH", "CWD":
		e.is(FileActivity, pathActivity(p.pairOf("nametype")))
		e.File = firstOf(p.pairOf("name"), p.pairOf("cwd"))
	case "SOCKADDR":
		e.is(NetworkActivity, 1)
		p.socketAddress(e)
	case "USER_LOGIN", "USER_AUTH", "USER_START", "LOGIN", "USER_ACCT", "CRED_ACQ", "USER_ERR", "ANOM_LOGIN_FAILURES":
		e.is(Authentication, 1)
	case "USER_END", "USER_LOGOUT", "CRED_DISP":
		e.is(Authentication, 2)
	case "USER_CMD":
		e.is(ProcessActivity, 1)
		e.CommandLine = p.pairOf("cmd")
	case "ADD_USER":
		e.is(AccountChange, 1)
	case "DEL_USER":
		e.is(AccountChange, 6)
	case "USER_CHAUTHTOK", "USER_MGMT", "ACCT_LOCK", "ACCT_UNLOCK":
		e.is(AccountChange, map[string]int{"USER_CHAUTHTOK": 3, "ACCT_LOCK": 9, "ACCT_UNLOCK": 12, "USER_MGMT": activityOther}[kind])
	case "ADD_GROUP":
		e.is(GroupManagement, 6)
	case "DEL_GROUP":
		e.is(GroupManagement, 5)
	case "KERN_MODULE":
		e.is(ModuleActivity, 1)
		e.File = p.pairOf("name")
	case "AVC", "1400", "ANOM_ABEND", "ANOM_PROMISCUOUS", "SECCOMP":
		e.Severity = 3
		e.is(KernelActivity, 4)
		e.File = p.pairOf("name")
		if p.pairOf("apparmor") == "DENIED" {
			e.Outcome = Failure
		}
	}
}

// auditCall says what a system call does. The numbers are those of x86-64.
func (p *Parser) auditCall(e *Event) {
	name := firstOf(p.pairOf("SYSCALL"), p.pairOf("syscall"))
	switch name {
	case "execve", "execveat", "59", "322":
		e.is(ProcessActivity, 1)
	case "connect", "42":
		e.is(NetworkActivity, 1)
	case "open", "openat", "creat", "2", "257", "85":
		e.is(FileActivity, 14)
	case "unlink", "unlinkat", "rmdir", "87", "263", "84":
		e.is(FileActivity, 4)
	case "rename", "renameat", "renameat2", "82", "264", "316":
		e.is(FileActivity, 5)
	case "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "90", "91", "268", "92", "93", "94", "260":
		e.is(FileActivity, 7)
	case "init_module", "finit_module", "175", "313":
		e.is(ModuleActivity, 1)
	case "delete_module", "176":
		e.is(ModuleActivity, 2)
	case "kill", "62":
		e.is(ProcessActivity, 2)
	case "ptrace", "101":
		e.is(ProcessActivity, 4)
	default:
		e.is(KernelActivity, 4)
	}
}

func pathActivity(nametype string) int {
	switch nametype {
	case "CREATE":
		return 1
	case "DELETE":
		return 4
	}
	return 14
}

// arguments joins a0, a1, … to a command line.
func (p *Parser) arguments() string {
	var list []string
	for _, kv := range p.pairs {
		if isArgument(kv.name) && !strings.Contains(kv.name, "_len") {
			list = append(list, kv.value)
		}
	}
	return strings.Join(list, " ")
}

// unset is empty where the kernel says that nobody logged in.
func unset(s string) string {
	if s == "4294967295" || s == "-1" || s == "unset" {
		return ""
	}
	return s
}

// socketAddress reads saddr: the bytes of a socket address, or the words of auditd.
func (p *Parser) socketAddress(e *Event) {
	said := firstOf(p.pairOf("SADDR"), p.pairOf("saddr"))
	if inner, ok := strings.CutPrefix(said, "{"); ok {
		_, tail, _ := strings.Cut(inner, "laddr=")
		e.Dst = address(strings.TrimRight(firstWord(tail), "}"))
	}
	e.Dst = firstAddress(e.Dst, address(p.pairOf("laddr")))
	e.DstPort = port(strings.TrimRight(p.pairOf("lport"), " }"))
	b, err := hex.DecodeString(p.pairOf("saddr"))
	switch {
	case err != nil || len(b) < 8:
	case b[0] == 2 && b[1] == 0:
		e.Dst, e.DstPort = bytesAddress(b[4:8]), uint16(b[2])<<8|uint16(b[3])
	case b[0] == 10 && b[1] == 0 && len(b) >= 24:
		e.Dst, e.DstPort = bytesAddress(b[8:24]), uint16(b[2])<<8|uint16(b[3])
	}
}
