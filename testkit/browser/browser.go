// Package browser drives a real headless Chromium in tests: it visits pages,
// presses keys, takes screenshots and checks accessibility with axe-core.
//
// There is no fake: where Chromium is missing, a test is skipped with a clear
// message, unless CI=true or HOLDFAST_REQUIRE_BROWSER is set; then it fails.
package browser

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Patience is how long one step may take before the test fails.
const Patience = 30 * time.Second

// A Session is one browser window with a profile of its own.
type Session struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

// The colour schemes of a device.
const (
	Light = "light"
	Dark  = "dark"
)

// New starts Chromium for the length of the test.
func New(t testing.TB) *Session {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(find(t)),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.WSURLReadTimeout(time.Minute),
	)
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	s := &Session{t: t}
	ctx, stop := chromedp.NewContext(alloc, chromedp.WithListener(s.listen))
	s.ctx = ctx
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("closing the browser: %v", err)
		}
		stop()
		stopAlloc()
	})
	// The first call starts the browser and must not carry a time limit.
	_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: reportRefusals})
	if err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	return s
}

const reportRefusals = `document.addEventListener("securitypolicyviolation", e =>
	console.error("refused by the content security policy: " + e.violatedDirective + " " + e.blockedURI + " " + e.sourceFile + ":" + e.lineNumber))`

// find looks for Chromium. Missing is a skip on a developer's machine and a
// failure where the browser is required.
func find(t testing.TB) string {
	t.Helper()
	for _, name := range []string{os.Getenv("HOLDFAST_BROWSER"), "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const message = "no Chromium found: install it or name it in HOLDFAST_BROWSER; NOTHING WAS CHECKED IN A BROWSER"
	if os.Getenv("CI") == "true" || os.Getenv("HOLDFAST_REQUIRE_BROWSER") != "" {
		t.Fatal(message)
	}
	t.Skip(message)
	return ""
}

// listen collects what pages complain about.
func (s *Session) listen(event any) {
	var problem string
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		problem = e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			problem += " " + x.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type != runtime.ConsoleAPICalledTypeError {
			return
		}
		problem = "console:"
		for _, arg := range e.Args {
			problem += " " + arg.Description + string(arg.Value)
		}
	case *page.EventJavascriptDialogOpening:
		// A page that asks whether to leave gets a yes; nothing else may ask.
		// The answer is a command, and a listener must not wait for one.
		go func() {
			_, _ = chromedp.Call(s.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}()
		if e.Type == page.DialogTypeBeforeunload {
			return
		}
		problem = "the page opened a box: " + e.Message
	default:
		return
	}
	s.mu.Lock()
	s.problems = append(s.problems, problem)
	s.mu.Unlock()
}

// Problems returns what pages complained about since the session began: uncaught
// errors, console errors and refusals of the content security policy.
func (s *Session) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.problems...)
}

// Visit opens a page and waits until it and its fonts are ready.
func (s *Session) Visit(url string) {
	s.t.Helper()
	run(s, "visit "+url, chromedp.Navigate(url))
	s.Eval(`document.fonts.ready.then(() => true)`)
}

// Emulate sets the colour scheme and the width of the device, in CSS pixels, and
// asks for no motion. A width below 600 is a phone with a touch screen.
func (s *Session) Emulate(theme string, width int) {
	s.t.Helper()
	height, mobile := int64(900), width < 600
	if mobile {
		height = 844
	}
	command(s, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: theme},
		{Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	command(s, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(width), Height: height, DeviceScaleFactor: 1, Mobile: mobile,
	})
	command(s, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: mobile})
	s.Eval(`new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))`)
}

// Scripts allows or forbids JavaScript from the next page on. Without it, Eval
// and Value still work.
func (s *Session) Scripts(allowed bool) {
	s.t.Helper()
	command(s, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !allowed})
}

// Print shows pages as they are printed, until Emulate is called.
func (s *Session) Print() {
	s.t.Helper()
	command(s, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
}

// PDF is the page as it is printed on paper, in the size that its style sheet asks for.
func (s *Session) PDF() []byte {
	s.t.Helper()
	yes := true
	return command(s, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &yes, PrintBackground: &yes}).Data
}

// Screenshot writes what is seen to a PNG file.
func (s *Session) Screenshot(path string) {
	s.t.Helper()
	s.write(path, run(s, "take a screenshot", chromedp.CaptureScreenshot()))
}

// ScreenshotOf writes the first element that matches to a PNG file.
func (s *Session) ScreenshotOf(selector, path string) {
	s.t.Helper()
	s.write(path, run(s, "take a screenshot of "+selector, chromedp.Screenshot(chromedp.CSS(selector))))
}

// FullScreenshot writes the whole length of the page to a PNG file.
func (s *Session) FullScreenshot(path string) {
	s.t.Helper()
	beyond := true
	shot := command(s, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &beyond})
	s.write(path, shot.Data)
}

func (s *Session) write(path string, image []byte) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, image, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// Click presses the first element that matches the CSS selector, once it is
// visible.
func (s *Session) Click(selector string) {
	s.t.Helper()
	run(s, "click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Type writes text into the element, key by key.
func (s *Session) Type(selector, text string) {
	s.t.Helper()
	run(s, "type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text, chromedp.NodeVisible))
}

// Press sends keys to whatever has the focus; special keys are in package
// chromedp/kb, modifiers are made with chromedp.KeyModifiers.
func (s *Session) Press(keys string, modifiers ...chromedp.KeyOption) {
	s.t.Helper()
	if keys == kb.Enter && len(modifiers) == 0 {
		s.enter()
		return
	}
	run(s, "press "+keys, chromedp.KeyEvent(keys, modifiers...))
}

// enter presses the key as one event. KeyEvent sends the character on its own,
// which submits a form although the page refused the key.
func (s *Session) enter() {
	s.t.Helper()
	key := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "Enter", Code: "Enter", Text: "\r", WindowsVirtualKeyCode: 13}
	command(s, input.DispatchKeyEvent, key)
	key.Type, key.Text = input.DispatchKeyEventTypeKeyUp, ""
	command(s, input.DispatchKeyEvent, key)
}

// Text returns the visible text of the first element that matches.
func (s *Session) Text(selector string) string {
	s.t.Helper()
	return strings.TrimSpace(run(s, "read "+selector, chromedp.Text(chromedp.CSS(selector))))
}

// Eval evaluates JavaScript, awaits a promise and drops the result.
func (s *Session) Eval(script string) {
	s.t.Helper()
	run(s, script, chromedp.Evaluate[chromedp.Void](script, chromedp.EvalAwaitPromise))
}

// Value evaluates JavaScript, awaits a promise and returns the result.
func Value[T any](s *Session, script string) T {
	s.t.Helper()
	return run(s, script, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// WaitFor waits until the JavaScript expression is true, also across pages.
func (s *Session) WaitFor(condition string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, Patience)
	defer cancel()
	var last error
	for ctx.Err() == nil {
		met, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		if met && err == nil {
			return
		}
		last = err
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatalf("browser: waited %v in vain for %s (last error: %v)", Patience, condition, last)
}

// run performs one step within Patience, or fails the test.
func run[T any](s *Session, what string, action chromedp.Action[T]) T {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, Patience)
	defer cancel()
	out, err := chromedp.Run(ctx, action)
	if err != nil {
		s.t.Fatalf("browser: %s: %v", clip(what, 200), err)
	}
	return out
}

func command[P, R any](s *Session, c cdp.Command[P, R], params P) R {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, Patience)
	defer cancel()
	out, err := chromedp.Call(ctx, c, params)
	if err != nil {
		s.t.Fatalf("browser: %v", err)
	}
	return out
}
