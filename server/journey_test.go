package server

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"holdfast/testkit/browser"
)

// How long a person takes for one click and for one typed field, and how much of it
// the journey may take. Opening a page counts as two clicks: the menu and the entry.
const (
	aClick   = 4 * time.Second
	aField   = 8 * time.Second
	handTime = 15 * time.Minute
)

// A journey is a person at the browser, with everything they do counted.
type journey struct {
	*testing.T
	*browser.Session
	base           string
	clicks, fields int
}

// open goes to a page by the navigation.
func (j *journey) open(path string) {
	j.Helper()
	j.clicks += 2
	j.Visit(j.base + path)
}

// mark finds the first visible thing to press whose first line is these words, within
// the selector, and returns a selector for it.
func (j *journey) mark(within, words string) string {
	j.Helper()
	find := fmt.Sprintf(`(() => {
		document.querySelectorAll("[data-journey]").forEach(e => e.removeAttribute("data-journey"));
		const words = %s, all = [...document.querySelectorAll(%s)].flatMap(e => [...e.querySelectorAll("button, a, summary")]);
		const hit = all.find(e => e.checkVisibility() && (e.innerText.trim().split("\n")[0] === words || e.getAttribute("aria-label") === words));
		hit?.setAttribute("data-journey", "");
		return hit !== undefined;
	})()`, strconv.Quote(words), strconv.Quote(within))
	j.WaitFor(find)
	return "[data-journey]"
}

// press presses a button or a link that stays on the page.
func (j *journey) press(within, words string) {
	j.Helper()
	j.clicks++
	j.Session.Click(j.mark(within, words))
}

// follow presses a button or a link and waits for the page that it leads to. An
// action that asks once more in a dialog is pressed there too.
func (j *journey) follow(within, words string) {
	j.Helper()
	const left = `!window.journeyWasHere && document.readyState === "complete"`
	j.Eval(`window.journeyWasHere = true`)
	j.press(within, words)
	j.WaitFor(left + ` || document.querySelector("dialog[open] form")`)
	if browser.Value[bool](j.Session, `!!document.querySelector("dialog[open] form")`) {
		j.press("dialog[open]", words)
		j.WaitFor(left)
	}
	if said := browser.Value[string](j.Session, `document.querySelector("main .callout--negative, main .error-summary")?.innerText ?? ""`); said != "" {
		j.Fatalf("%q was refused: %s", words, said)
	}
}

// tick presses a box.
func (j *journey) tick(selector string) {
	j.Helper()
	j.clicks++
	j.Session.Click(selector)
}

// fill types into the field of that name; what stands there is replaced.
func (j *journey) fill(name, text string) {
	j.Helper()
	j.fields++
	field := fmt.Sprintf(`[name="%s"]:not([type=hidden])`, name)
	j.Eval(fmt.Sprintf(`(e => { e.focus(); e.select(); })(document.querySelector(%s))`, strconv.Quote(field)))
	j.Session.Type(field, text)
}

// choose takes one of the choices of the field of that name.
func (j *journey) choose(name, value string) {
	j.Helper()
	j.clicks += 2
	j.Eval(fmt.Sprintf(`(e => {
		if (![...e.options].some(o => o.value === %[2]s)) throw new Error("no such choice: " + %[2]s);
		e.value = %[2]s;
		e.dispatchEvent(new Event("change", {bubbles: true}));
	})(document.querySelector(%[1]s))`, strconv.Quote(`select[name="`+name+`"]`), strconv.Quote(value)))
}

// name types the title of a record in place of what stands there, and takes the one
// that is found.
func (j *journey) name(id, title string) {
	j.Helper()
	j.fields++
	j.Eval(fmt.Sprintf(`(e => { e.focus(); e.select(); })(document.getElementById(%s))`, strconv.Quote(id)))
	j.Session.Type("#"+id, title)
	list := "#" + id + "-options"
	j.WaitFor(fmt.Sprintf(`document.querySelector(%s)?.textContent.includes(%s)`, strconv.Quote(list+` [role=option][aria-selected=true]`), strconv.Quote(title)))
	j.Press(kb.Enter)
}

// bring uploads a file of records: chosen, reviewed and applied. Three clicks are
// those in the window in which a file is chosen.
func (j *journey) bring(name, yaml string) {
	j.Helper()
	j.open("/code")
	j.clicks += 3
	j.Eval(fmt.Sprintf(`(input => {
		const files = new DataTransfer();
		files.items.add(new File([%s], %s, {type: "application/yaml"}));
		input.files = files.files;
		input.dispatchEvent(new Event("change", {bubbles: true}));
	})(document.querySelector("input[type=file][name=file]"))`, strconv.Quote(dates(yaml)), strconv.Quote(name)))
	j.follow("#code-form", "Show what would happen")
	if !strings.Contains(j.Text("main"), "Nothing is written yet") {
		j.Fatalf("%s: the review says %s", name, j.Text("main"))
	}
	j.follow("main", "Apply")
	j.WaitFor(`document.body.innerText.includes("Applied: ")`)
}

// dates replaces {-30d} by the day thirty days ago.
func dates(text string) string {
	return regexp.MustCompile(`\{([+-]\d+)d\}`).ReplaceAllStringFunc(text, func(m string) string {
		days, err := strconv.Atoi(m[1 : len(m)-2])
		if err != nil {
			return m
		}
		return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
	})
}

// road reads the ten steps as the roadmap shows them; the page in the window stays.
// It is not a part of the journey.
func (j *journey) road() map[string]string {
	j.Helper()
	return browser.Value[map[string]string](j.Session, `fetch("/roadmap").then(r => r.text()).then(text => Object.fromEntries(
		[...new DOMParser().parseFromString(text, "text/html").querySelectorAll("[id^=isms-]")].map(e => [e.id.slice(5), e.textContent.replace(/\s+/g, " ")])))`)
}

var isDone = regexp.MustCompile(`Done ?100 ?%`)

// stands fails unless the steps named first are done and those named second are not.
func (j *journey) stands(when string, done []int, open []int) {
	j.Helper()
	road := j.road()
	for _, n := range done {
		if text := road[strconv.Itoa(n)]; !isDone.MatchString(text) {
			j.Errorf("%s: step %d is not done:\n%s", when, n, text)
		}
	}
	for _, n := range open {
		if text := road[strconv.Itoa(n)]; text == "" || isDone.MatchString(text) {
			j.Errorf("%s: step %d is done already:\n%s", when, n, text)
		}
	}
}
