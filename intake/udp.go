package intake

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"holdfast/engine/event"
)

// The sizes of what waits between the network and the disk.
const (
	packetQueue  = 8192
	packetBatch  = 1024
	packetBuffer = 8 << 20 // of the kernel; it gives what it allows
	largestPack  = 64 << 10
)

// A packet is one datagram.
type packet struct {
	data []byte
	peer netip.Addr
}

// servePackets takes datagrams as fast as it can and keeps them in batches. What
// arrives while the queue is full is left out and counted.
func (p *port) servePackets() {
	defer close(p.done)
	if u, ok := p.packets.(*net.UDPConn); ok {
		_ = u.SetReadBuffer(packetBuffer)
	}
	queue := make(chan packet, packetQueue)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		p.keepPackets(queue)
	}()
	buf := make([]byte, largestPack)
	for {
		n, from, err := p.packets.ReadFrom(buf)
		if err != nil {
			if p.isEnded() {
				break
			}
			time.Sleep(50 * time.Millisecond)
			continue
		}
		peer := addressOf(from)
		g := p.choose(peer, "")
		if g == nil {
			for _, g := range *p.gates.Load() {
				g.refused.Add(1)
			}
			continue
		}
		select {
		case queue <- packet{bytes.Clone(buf[:n]), peer}:
		default:
			g.dropped.Add(1)
		}
	}
	close(queue)
	<-kept
}

// keepPackets keeps what is in the queue until it is closed.
func (p *port) keepPackets(queue <-chan packet) {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	var missed int64
	for {
		select {
		case first, ok := <-queue:
			if !ok {
				return
			}
			p.keepBatch(first, queue)
		case <-tick.C:
			missed = p.countMissed(missed)
		}
	}
}

// keepBatch keeps a packet and those that wait behind it.
func (p *port) keepBatch(first packet, queue <-chan packet) {
	lines := map[*gate][]event.Line{}
	add := func(k packet) {
		if g := p.choose(k.peer, ""); g != nil {
			if raw := bytes.TrimRight(k.data, "\r\n\x00"); len(raw) > 0 {
				lines[g] = append(lines[g], g.pass([]event.Line{{Raw: raw}}, p.in.cfg.Now(), k.peer)...)
			}
		}
	}
	add(first)
	for range packetBatch {
		select {
		case k, ok := <-queue:
			if ok {
				add(k)
				continue
			}
		default:
		}
		break
	}
	for g, list := range lines {
		_ = p.in.persist(g, func(ctx context.Context) error { return g.keep(ctx, list) })
	}
}

// countMissed adds what the kernel left out since the last look, and returns how much
// that is in all.
func (p *port) countMissed(before int64) int64 {
	now := kernelDrops(p.packets.LocalAddr())
	gates := *p.gates.Load()
	if now > before && len(gates) > 0 {
		gates[0].dropped.Add(now - before)
	}
	return max(now, before)
}

// kernelDrops reads how many datagrams the kernel left out because nobody read them
// in time; 0 where it does not tell.
func kernelDrops(a net.Addr) int64 {
	u, ok := a.(*net.UDPAddr)
	if !ok {
		return 0
	}
	port := ":" + strings.ToUpper(strconv.FormatInt(int64(0x10000+u.Port), 16)[1:])
	for _, file := range []string{"/proc/net/udp", "/proc/net/udp6"} {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			if len(f) > 12 && strings.HasSuffix(f[1], port) {
				n, _ := strconv.ParseInt(f[12], 10, 64)
				return n
			}
		}
	}
	return 0
}
