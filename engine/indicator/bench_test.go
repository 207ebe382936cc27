package indicator

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"testing"
)

// many are n indicators as feeds hold them: addresses, domains, hashes, URLs and some
// networks. The same n gives the same ones.
func many(n int) iter.Seq[Indicator] {
	return func(yield func(Indicator) bool) {
		for i := range n {
			if !yield(nth(i)) {
				return
			}
		}
	}
}

func nth(i int) Indicator {
	h := fnv.New64a()
	_ = binary.Write(h, binary.LittleEndian, uint64(i))
	x := h.Sum64()
	switch i % 10 {
	case 0, 1, 2:
		return Indicator{Type: Address, Value: netip.AddrFrom4([4]byte{byte(11 + x%80), byte(x >> 8), byte(x >> 16), byte(x >> 24)}).String()}
	case 3, 4, 5:
		return Indicator{Type: Domain, Value: fmt.Sprintf("%x.bad-%x.example", x&0xfff, x>>12)}
	case 6, 7:
		return Indicator{Type: SHA256, Value: hex.EncodeToString(binary.BigEndian.AppendUint64(make([]byte, 24), x))}
	case 8:
		return Indicator{Type: URL, Value: fmt.Sprintf("http://h%x.example/%x", x&0xffff, x>>16)}
	}
	return Indicator{Type: Network, Value: netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(100 + x%100), byte(x >> 8), byte(x >> 16), 0}), 24).Masked().String()}
}

// events are values as events hold them, nearly all of them innocent.
func events(n int) [][]Value {
	r := rand.New(rand.NewPCG(1, 2))
	addr := func() netip.Addr {
		return netip.AddrFrom4([4]byte{byte(11 + r.IntN(80)), byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256))})
	}
	var out [][]Value
	for i := range n {
		var b [32]byte
		binary.LittleEndian.PutUint64(b[:], r.Uint64())
		out = append(out, []Value{
			{Type: Address, Addr: addr()}, {Type: Address, Addr: addr()}, {Type: Domain, Text: fmt.Sprintf("www%d.shop-%x.example", i, r.Uint32())},
			{Type: SHA256, Text: hex.EncodeToString(b[:])}, {Type: FileName, Text: fmt.Sprintf("/usr/bin/tool-%d", i)}, {Type: UserAgent, Text: "Mozilla/5.0"},
		})
	}
	return out
}

// BenchmarkMatch asks sets of growing size about the same events; "×5k" is the cost as
// a multiple of that with 5 000 indicators, measured in the same run.
func BenchmarkMatch(b *testing.B) {
	asked := events(50_000)
	perEvent := map[int]float64{}
	for _, n := range []int{5_000, 100_000, 1_000_000, 5_000_000} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s, _ := Build(n, many(n))
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := s.NewMatcher()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m.Match(asked[i%len(asked)], noon)
			}
			perEvent[n] = float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			b.ReportMetric(perEvent[n]/perEvent[5_000], "×5k")
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "B/indicator")
		})
	}
}

// BenchmarkPlain is the same with a map of Go for each type.
func BenchmarkPlain(b *testing.B) {
	asked := events(50_000)
	for _, n := range []int{5_000, 1_000_000} {
		known := map[Type]map[string]int{}
		for _, t := range Types() {
			known[t] = map[string]int{}
		}
		for i := range n {
			x := nth(i)
			known[x.Type][x.Value] = i
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			found := 0
			for i := 0; b.Loop(); i++ {
				for _, v := range asked[i%len(asked)] {
					text := v.Text
					if v.Type == Address {
						text = v.Addr.String()
						for bits := 8; bits <= 32; bits++ {
							p, _ := v.Addr.Prefix(bits)
							if _, ok := known[Network][p.String()]; ok {
								found++
							}
						}
					}
					if _, ok := known[v.Type][text]; ok {
						found++
					}
				}
			}
		})
	}
}
