package sample

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"holdfast/engine/event"
)

// Hosts are the servers of the application, whose journals are told by HostLines: Lines
// stays the same for the same seed.
const Hosts = "hosts" // journal of systemd, JSON

// HostLines writes n lines of the journals of application servers that were received
// between two instants, in order of time, the same for the same seed.
func HostLines(seed uint64, n int, from, to time.Time) iter.Seq[event.Line] {
	return func(yield func(event.Line) bool) {
		m := maker{rand.New(rand.NewPCG(seed, 514))} //nolint:gosec // the same every time, on purpose
		step := to.Sub(from) / time.Duration(max(n, 1))
		for i := range n {
			at := from.Add(time.Duration(i)*step + time.Duration(m.Int64N(int64(step/2+1)))).UTC()
			l := m.journal(at)
			l.Received = at
			if !yield(l) {
				return
			}
		}
	}
}

// journal is an entry as journalctl exports it.
func (m maker) journal(at time.Time) event.Line {
	host := m.pick("app-1", "app-2")
	unit, program, priority, text := "records-api.service", "records-api", "6", ""
	switch m.IntN(10) {
	case 0:
		who := m.pick("deploy", "marek")
		unit, program, text = "ssh.service", "sshd", fmt.Sprintf("Accepted publickey for %s from %s port %d ssh2: ED25519 SHA256:%s", who, m.inside(), 1024+m.IntN(64_000), m.pick("Rz0m1cQe7hPpV3xw", "k9Qd2LmTf0aYbN5c"))
	case 1:
		unit, program, text = "session-12.scope", "sudo", fmt.Sprintf("%s : TTY=pts/0 ; PWD=/srv ; USER=root ; COMMAND=/usr/bin/%s", m.pick("deploy", "marek"), m.pick("systemctl restart records-api", "journalctl -u records-api", "apt-get update"))
	case 2:
		unit, program, text = "cron.service", "CRON", "(root) CMD (run-parts --report /etc/cron.hourly)"
	case 3:
		unit, program, text = "init.scope", "systemd", m.pick("Started records-export.service - Nightly export of records.", "Finished logrotate.service - Rotate log files.", "records-worker.service: Deactivated successfully.")
	case 4:
		priority, text = "4", fmt.Sprintf("slow query on appointments: %d ms", 800+m.IntN(2_400))
	default:
		text = fmt.Sprintf("request %s %s %s in %d ms", m.uuid(), m.pick("GET /v2/appointments", "GET /v2/patients", "POST /v2/notes", "GET /v2/health"), m.pick("200", "200", "304", "404"), 3+m.IntN(180))
	}
	return of(Hosts, "10.20.2.11", `{"__REALTIME_TIMESTAMP":"%d","_HOSTNAME":"%s","SYSLOG_IDENTIFIER":"%s","_SYSTEMD_UNIT":"%s","_PID":"%d","PRIORITY":"%s","_TRANSPORT":"journal","MESSAGE":%q}`,
		at.UnixMicro(), host, program, unit, 300+m.IntN(30_000), priority, text)
}
