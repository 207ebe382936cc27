package watch

import "time"

// Limits of what is remembered of events that matched, for the correlations that name
// them later.
const (
	rememberedLines = 20_000
	rememberedBytes = 16 << 20
	rememberedLine  = 16 << 10
)

// remembered is one event that matched.
type remembered struct {
	raw                              []byte
	asset, actor, host, user, source string
	at                               time.Time
}

// A memory holds the newest events that matched, by their number.
type memory struct {
	byNumber map[int64]remembered
	order    []int64
	bytes    int
}

func newMemory() memory { return memory{byNumber: map[int64]remembered{}} }

// keep remembers an event. The line is copied: what was read is used again.
func (m *memory) keep(number int64, e remembered) {
	if _, known := m.byNumber[number]; known {
		return
	}
	e.raw = append([]byte(nil), e.raw[:min(len(e.raw), rememberedLine)]...)
	m.byNumber[number] = e
	m.order = append(m.order, number)
	m.bytes += len(e.raw)
	for len(m.order) > rememberedLines || m.bytes > rememberedBytes {
		oldest := m.order[0]
		m.order = m.order[1:]
		m.bytes -= len(m.byNumber[oldest].raw)
		delete(m.byNumber, oldest)
	}
}

func (m *memory) recall(number int64) (remembered, bool) {
	e, ok := m.byNumber[number]
	return e, ok
}
