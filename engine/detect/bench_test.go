package detect

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/valyala/fastjson"
)

// manyRules makes n different rules out of the public ones: those themselves, and
// then the same with other words, so that their number grows and their form does not.
func manyRules(tb testing.TB, n int) *Collection {
	tb.Helper()
	base := publicRules(tb).Rules
	out := &Collection{}
	for i := 0; len(out.Rules) < n; i++ {
		r := *base[i%len(base)]
		if round := i / len(base); round > 0 {
			r.ID = fmt.Sprintf("%s-%d", r.ID, round)
			r.selections = append([]selection(nil), r.selections...)
			for j := range r.selections {
				r.selections[j].body = reworded(r.selections[j].body, round)
			}
		}
		out.Rules = append(out.Rules, &r)
	}
	return out
}

// reworded changes the inner letters of each longer text.
func reworded(b body, round int) body {
	var out body
	for _, k := range b.any {
		out.any = append(out.any, reworded(k, round))
	}
	for _, it := range b.all {
		it.values = append([]scalar(nil), it.values...)
		regular := strings.Contains(it.said(), "|re") || strings.Contains(it.said(), "|cidr")
		for i, v := range it.values {
			if v.is == isText && len(v.text) > 5 && !regular && it.field != "Channel" {
				it.values[i].text = reword(v.text, round)
			}
		}
		out.all = append(out.all, it)
	}
	return out
}

func reword(s string, round int) string {
	const letters = "etaoinshrdlcumwfgypbvk"
	b := []byte(s)
	for i := 1; i < len(b)-1; i++ {
		if at := strings.IndexByte(letters, b[i]|0x20); at >= 0 && b[i]|0x20 >= 'a' && b[i]|0x20 <= 'z' {
			b[i] = letters[(at+round*(1+i%5))%len(letters)]
		}
	}
	return string(b)
}

// benchEvents are public events, mixed.
func benchEvents(tb testing.TB) (events [][]byte, bytes int) {
	tb.Helper()
	events = publicEvents(tb, 60)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	for _, e := range events {
		bytes += len(e)
	}
	return events, bytes
}

// throughput runs over the events for a while and returns the nanoseconds of one
// event, in time of the processor: the machine may be busy with other work.
func throughput(tb testing.TB, events [][]byte, least time.Duration, one func(event []byte)) float64 {
	n := 0
	start := processorTime(tb)
	for processorTime(tb)-start < least {
		for range 64 {
			one(events[n%len(events)])
			n++
		}
	}
	return float64((processorTime(tb) - start).Nanoseconds()) / float64(n)
}

func processorTime(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkDetect measures everything in one run: parsing alone, the engine with 1 500
// and 3 000 rules, and the reference with the same, interleaved.
func BenchmarkDetect(b *testing.B) {
	events, size := benchEvents(b)
	windows := publicEventsOf(b, "empire_mimikatz", 3000)
	var parser fastjson.Parser
	parse := func(event []byte) {
		if _, err := parser.ParseBytes(event); err != nil {
			b.Fatal(err)
		}
	}
	for _, n := range []int{750, 1500, 3000, 6000} {
		rules := manyRules(b, n)
		before := heapInUse()
		e, problems := Compile(rules, Options{})
		if len(problems) > 0 {
			b.Fatal(problems[0])
		}
		memory := heapInUse() - before
		m := e.NewMatcher()
		match := func(event []byte) {
			if _, err := m.Match(event); err != nil {
				b.Fatal(err)
			}
		}
		reference := newReference(rules.Rules)
		plain := func(event []byte) {
			v, err := parser.ParseBytes(event)
			if err != nil {
				b.Fatal(err)
			}
			for i := range reference {
				reference[i].matches(v)
			}
		}
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			var parsed, matched, slow, parsedWindows, matchedWindows float64
			for b.Loop() {
				const turns = 5
				parsed, matched = 0, 0
				for range turns {
					parsed += throughput(b, events, 60*time.Millisecond, parse) / turns
					matched += throughput(b, events, 60*time.Millisecond, match) / turns
				}
				slow = throughput(b, events, 200*time.Millisecond, plain)
			}
			for range 3 {
				parsedWindows += throughput(b, windows, 60*time.Millisecond, parse)
				matchedWindows += throughput(b, windows, 60*time.Millisecond, match)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(matchedWindows/parsedWindows, "x_parse_windows")
			b.ReportMetric(matched, "ns/event")
			b.ReportMetric(matched/parsed, "x_parse")
			b.ReportMetric(slow/matched, "x_reference")
			b.ReportMetric(float64(memory)/(1<<20), "MB")
			b.ReportMetric(float64(testing.AllocsPerRun(200, func() { match(events[0]) })), "allocs/event")
			b.ReportMetric(float64(size)/float64(len(events)), "bytes/event")
		})
		runtime.KeepAlive(e)
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}
