package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// A progress shows long work on standard error: a bar on a terminal, otherwise one
// line for each step, so that logs stay short.
type progress struct {
	c    *cmdline
	mu   sync.Mutex
	off  bool
	bar  *progressbar.ProgressBar
	step string
}

func (c *cmdline) newProgress(quiet bool) *progress { return &progress{c: c, off: quiet} }

// tell may be called from several goroutines; it is an engine.Progress.
func (p *progress) tell(step string, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.off {
		return
	}
	step = oneLine(step)
	if !p.c.Terminal {
		if step != p.step {
			p.step = step
			fmt.Fprintf(p.c.Err, "… %s\n", step)
		}
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions(-1, progressbar.OptionSetWriter(p.c.Err), progressbar.OptionSetWidth(24),
			progressbar.OptionThrottle(65*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(false))
	}
	if total <= 0 {
		total = -1
	}
	p.bar.ChangeMax(total)
	p.bar.Describe(step)
	_ = p.bar.Set(done) // a bar that cannot be drawn harms nothing
}

// end takes the bar away, so that results stand alone.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish() // as above
		p.bar = nil
	}
	p.off = true
}
