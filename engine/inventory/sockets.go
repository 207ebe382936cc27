package inventory

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/netip"
	"path"
	"strconv"
	"strings"

	"holdfast/engine"
)

// process is one entry of the process table.
type process struct {
	pid  int
	name string
	unit string // of systemd, without the suffix .service
}

// processes reads the process table. Processes that end meanwhile are left out.
func processes(fsys fs.FS) []process {
	entries, err := fs.ReadDir(fsys, "proc")
	if err != nil {
		return nil
	}
	var out []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		dir := path.Join("proc", e.Name())
		name := oneLine(fsys, path.Join(dir, "comm"))
		if name == "" {
			continue
		}
		out = append(out, process{pid: pid, name: name, unit: unitOf(fsys, dir)})
	}
	return out
}

// unitOf reads from its control group which service a process belongs to.
func unitOf(fsys fs.FS, dir string) string {
	data, err := engine.ReadLimited(fsys, path.Join(dir, "cgroup"), maxFact)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(data)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 || parts[1] != "" && parts[1] != "name=systemd" {
			continue
		}
		for part := range strings.SplitSeq(parts[2], "/") {
			if unit, ok := strings.CutSuffix(part, serviceSuffix); ok {
				return unit
			}
		}
	}
	return ""
}

// The states of sockets that take part: a listening TCP socket, an unconnected
// UDP socket.
var socketTables = []struct{ proto, state string }{
	{"tcp", "0A"}, {"tcp6", "0A"}, {"udp", "07"}, {"udp6", "07"},
}

// listeners reads the tables of sockets of the kernel and finds the programs that
// hold them, as far as we may see.
func listeners(fsys fs.FS, procs []process, log *problems) []engine.Listener {
	var out []engine.Listener
	var inodes []string
	for _, table := range socketTables {
		name := path.Join("proc/net", table.proto)
		data, err := engine.ReadLimited(fsys, name, maxListing)
		log.fail(name, err)
		n := 0
		for line := range strings.Lines(string(data)) {
			if n++; n == 1 { // the heading
				continue
			}
			l, inode, err := parseSocket(table.proto, table.state, strings.Fields(line))
			if err != nil {
				log.line(name, n, err.Error())
			} else if inode != "" {
				out, inodes = append(out, l), append(inodes, inode)
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	owners := socketOwners(fsys, procs)
	for i, inode := range inodes {
		if p, ok := owners[inode]; ok {
			out[i].PID, out[i].Process = p.pid, p.name
		}
	}
	return out
}

var errSocket = errors.New("expected a socket as the kernel writes it")

// parseSocket reads a line of the table. inode is empty for a socket in another
// state than the one given.
func parseSocket(proto, state string, f []string) (l engine.Listener, inode string, err error) {
	const local, st, uid, ino = 1, 3, 7, 9
	if len(f) <= ino {
		return l, "", errSocket
	}
	if f[st] != state {
		return l, "", nil
	}
	host, port, ok := strings.Cut(f[local], ":")
	p, err1 := strconv.ParseUint(port, 16, 16)
	addr, err2 := kernelAddress(host)
	id, err3 := strconv.Atoi(f[uid])
	if !ok || errors.Join(err1, err2, err3) != nil {
		return l, "", errSocket
	}
	return engine.Listener{Proto: proto, Address: addr.String(), Port: int(p), UID: id}, f[ino], nil
}

// kernelAddress reads an address: 32-bit words in the byte order of the machine.
func kernelAddress(s string) (netip.Addr, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b)%4 != 0 {
		return netip.Addr{}, errSocket
	}
	for i := 0; i < len(b); i += 4 {
		binary.BigEndian.PutUint32(b[i:], binary.NativeEndian.Uint32(b[i:]))
	}
	addr, ok := netip.AddrFromSlice(b)
	if !ok {
		return netip.Addr{}, errSocket
	}
	return addr, nil
}

// socketOwners maps the inodes of sockets to the processes that have them open.
// The first process wins, which is the parent of a service with several.
func socketOwners(fsys fs.FS, procs []process) map[string]process {
	links, ok := fsys.(fs.ReadLinkFS)
	if !ok {
		return nil
	}
	owners := map[string]process{}
	for _, p := range procs {
		dir := path.Join("proc", strconv.Itoa(p.pid), "fd")
		fds, err := fs.ReadDir(fsys, dir)
		if err != nil { // of another user, or gone
			continue
		}
		for _, fd := range fds {
			to, err := links.ReadLink(path.Join(dir, fd.Name()))
			if err != nil {
				continue
			}
			inode, ok := strings.CutPrefix(to, "socket:[")
			if !ok {
				continue
			}
			inode = strings.TrimSuffix(inode, "]")
			if _, taken := owners[inode]; !taken {
				owners[inode] = p
			}
		}
	}
	return owners
}
