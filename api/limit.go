package api

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A limiter gives each caller a bucket that holds a minute of requests and fills
// evenly (token bucket), so that one program cannot slow down all others.
type limiter struct {
	mu      sync.Mutex
	perMin  float64
	now     func() time.Time
	buckets map[string]*bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// maxCallers bounds the memory of the limiter.
const maxCallers = 20_000

func newLimiter(perMinute int, now func() time.Time) *limiter {
	return &limiter{perMin: float64(perMinute), now: now, buckets: map[string]*bucket{}}
}

// take uses up one request of the caller and says in the header how many are left.
func (l *limiter) take(w http.ResponseWriter, caller string) error {
	left, wait := l.draw(caller)
	h := w.Header()
	h.Set("RateLimit-Limit", strconv.Itoa(int(l.perMin)))
	h.Set("RateLimit-Remaining", strconv.Itoa(left))
	h.Set("RateLimit-Reset", strconv.Itoa(seconds(wait)))
	if left >= 0 {
		return nil
	}
	h.Set("RateLimit-Remaining", "0")
	h.Set("Retry-After", strconv.Itoa(max(seconds(wait), 1)))
	return refuse(http.StatusTooManyRequests, "rate_limit", "Too many requests", "wait as long as the header Retry-After says, in seconds")
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// draw returns how many requests are left after this one, -1 when it was one too
// many, and how long until the bucket is full, or until the next request.
func (l *limiter) draw(caller string) (left int, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.buckets[caller]
	if b == nil {
		l.makeRoom(now)
		b = &bucket{l.perMin, now}
		l.buckets[caller] = b
	}
	l.fill(b, now)
	if b.left < 1 {
		return -1, l.until(1 - b.left)
	}
	b.left--
	return int(b.left), l.until(l.perMin - b.left)
}

func (l *limiter) fill(b *bucket, now time.Time) {
	b.left = min(l.perMin, b.left+now.Sub(b.at).Minutes()*l.perMin)
	b.at = now
}

func (l *limiter) until(requests float64) time.Duration {
	return time.Duration(requests / l.perMin * float64(time.Minute))
}

// makeRoom forgets callers whose bucket is full again; when all are busy, any.
func (l *limiter) makeRoom(now time.Time) {
	if len(l.buckets) < maxCallers {
		return
	}
	for name, b := range l.buckets {
		if l.fill(b, now); b.left >= l.perMin {
			delete(l.buckets, name)
		}
	}
	for name := range l.buckets {
		if len(l.buckets) < maxCallers {
			return
		}
		delete(l.buckets, name)
	}
}
