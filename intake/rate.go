package intake

import (
	"sync"
	"time"
)

// A limiter lets so many lines through in a second, and a second's worth at once.
type limiter struct {
	mu   sync.Mutex
	per  int // 0: no limit
	left float64
	at   time.Time
}

func (l *limiter) set(per int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if per != l.per {
		l.per, l.left, l.at = per, float64(per), time.Time{}
	}
}

// take asks for n lines and returns how many may pass.
func (l *limiter) take(n int, now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.per <= 0 {
		return n
	}
	l.refill(now)
	n = min(n, int(l.left))
	l.left -= float64(n)
	return n
}

// whole asks for n lines, all or none. When it refuses it tells how long to wait. More
// than a second's worth passes when nothing was taken before, and is paid for
// afterwards.
func (l *limiter) whole(n int, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.per <= 0 {
		return 0, true
	}
	l.refill(now)
	if need := min(float64(n), float64(l.per)); l.left < need {
		return time.Duration((need - l.left) / float64(l.per) * float64(time.Second)), false
	}
	l.left -= float64(n)
	return 0, true
}

func (l *limiter) refill(now time.Time) {
	if !l.at.IsZero() {
		l.left = min(float64(l.per), l.left+now.Sub(l.at).Seconds()*float64(l.per))
	}
	l.at = now
}
