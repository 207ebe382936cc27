package chart

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"
	"github.com/google/go-cmp/cmp"

	"holdfast/report/font"
)

var gallery = flag.String("gallery", "", "write every sample as SVG into pages in this folder, to look at")

func svg(t *testing.T, c Chart, width float64) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Draw(width).SVG(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestNoTwoTextsMeetAndNoneLeavesTheDrawing(t *testing.T) {
	for _, c := range append(samples(), hostile()...) {
		for _, width := range []float64{240, 320, 360, 479, 480, 560, 639, 640, 720, 1000, 1400} {
			checkTexts(t, c, width)
		}
	}
}

// checkTexts holds for any chart at any width.
func checkTexts(t *testing.T, c Chart, width float64) {
	t.Helper()
	d := c.Draw(width)
	var seen []shape
	for _, s := range d.shapes {
		if s.kind != text {
			continue
		}
		b := s.box()
		if b.x1 < -1 || b.y1 < -1 || b.x2 > d.Width+1 || b.y2 > d.Height+1 {
			t.Errorf("%s at %g: %q leaves the drawing of %g by %g: %+v", d.Kind, width, s.text, d.Width, d.Height, b)
		}
		for _, o := range seen {
			if ob := o.box(); b.x1 < ob.x2 && ob.x1 < b.x2 && b.y1 < ob.y2 && ob.y1 < b.y2 {
				t.Errorf("%s at %g: %q meets %q", d.Kind, width, s.text, o.text)
			}
		}
		seen = append(seen, s)
	}
	if !(d.Height > 0) || !finite(d.Height) || d.Height > 20000 {
		t.Errorf("%s at %g: height is %g", d.Kind, width, d.Height)
	}
}

var forbidden = regexp.MustCompile(`(?i)<script|style=|\son\w+=|javascript:|NaN|Inf\b|<image|href`)

func TestTheSVGIsWellFormedNamedAndFreeOfScriptAndStyle(t *testing.T) {
	for _, c := range append(samples(), hostile()...) {
		out := svg(t, c, 700)
		dec := xml.NewDecoder(strings.NewReader(out))
		for {
			if _, err := dec.Token(); err == io.EOF { //nolint:errorlint // returned as it is, never wrapped
				break
			} else if err != nil {
				t.Fatalf("%T: %v", c, err)
			}
		}
		for _, want := range []string{`role="img"`, "<title>", "<desc>", `class="chart chart-`, `aria-label="`} {
			if !strings.Contains(out, want) {
				t.Errorf("%T: no %s", c, want)
			}
		}
		if bad := forbidden.FindString(tags(out)); bad != "" {
			t.Errorf("%T: the svg holds %q", c, bad)
		}
		if c.Draw(700).Desc == "" {
			t.Errorf("%T: no description", c)
		}
	}
}

// tags is the svg without its texts.
func tags(s string) string { return regexp.MustCompile(`>[^<]*<`).ReplaceAllString(s, "><") }

func TestTheSameDataGivesTheSameBytes(t *testing.T) {
	a, b := samples(), samples()
	for i := range a {
		if diff := cmp.Diff(svg(t, a[i], 700), svg(t, b[i], 700)); diff != "" {
			t.Errorf("%T differs:\n%s", a[i], diff)
		}
		if !bytes.Equal(pdfOf(t, a[i]), pdfOf(t, b[i])) {
			t.Errorf("%T: the PDF differs", a[i])
		}
	}
}

func pdfOf(t *testing.T, c Chart) []byte {
	t.Helper()
	pdf := fpdf.New("P", "pt", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(date(2026, 1, 1))
	pdf.SetModificationDate(date(2026, 1, 1))
	pdf.AddPage()
	c.Draw(640).PDF(font.NewPen(pdf), 60, 60, 480)
	var b bytes.Buffer
	if err := pdf.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEveryChartReadsOutItsFigures(t *testing.T) {
	for _, c := range samples() {
		tab := c.Table()
		if len(tab.Rows) == 0 {
			t.Errorf("%T has no rows", c)
		}
		for _, r := range tab.Rows {
			if len(r) != len(tab.Columns) {
				t.Errorf("%T: row %q has %d cells for %d columns", c, r, len(r), len(tab.Columns))
			}
		}
	}
}

func TestAnEmptyChartSaysSo(t *testing.T) {
	for _, c := range []Chart{LossExceedance{}, HeatMap{}, Bars{}, Trend{}, Dials{}, Donut{}, Timeline{}, Plan{}, Histogram{}, Graph{}} {
		d := c.Draw(400)
		if d.Desc == "" || len(d.shapes) == 0 {
			t.Errorf("%T draws nothing and says nothing", c)
		}
		c.Table()
	}
}

// hostile charts carry what nobody should hand in.
func hostile() []Chart {
	long := strings.Repeat("Donaudampfschifffahrtsgesellschaft", 12)
	evil := `<script>alert("1")</script>&\u202e` + "\x00\x1b" + "\u202eשלום😀"
	nan, inf := math.NaN(), math.Inf(1)
	many := Graph{Title: evil}
	for i := range 90 {
		many.Nodes = append(many.Nodes, Node{ID: fmt.Sprint(i), Name: long, Kind: evil, Strong: i == 0})
		many.Edges = append(many.Edges, Edge{fmt.Sprint(i), fmt.Sprint((i * 7) % 90)}, Edge{fmt.Sprint(i), "nobody"})
	}
	var stones []Milestone
	var bars []Row
	var works []Work
	for i := range 120 {
		works = append(works, Work{Name: long, Begin: date(2026, 1, i), Due: date(2026, 2, 1+i%9), Expected: date(2026, 3, i), Progress: nan, Late: i%2 == 0, Note: evil})
		stones = append(stones, Milestone{Name: long, At: date(2026, 1, 1+i%9), Note: evil})
		bars = append(bars, Row{Name: evil + long, Values: []float64{float64(i), nan, -4, inf}})
	}
	guards := []Guard{{long, AtVector, true}, {evil, 200, false}}
	for range 20 {
		guards = append(guards, Guard{Name: long, At: AtAsset})
	}
	return []Chart{
		LossExceedance{Title: evil, Currency: evil, Curves: []Curve{{Name: long, Points: []Exceedance{{nan, 1}, {inf, 0}, {1e-9, 4}, {1e18, -1}}}}, Marks: []Mark{{long, nan}, {evil, inf}, {long, 5}, {long, 6}, {evil, 6}}},
		HeatMap{Title: evil, Impact: []string{long, evil, ""}, Probability: []string{long, "", evil, "a", "b", "c", "d", "e", "f"}, Risks: []Placed{{long, evil, 0, 0}, {evil, long, -1, 99}, {"", "", 1, 1}}},
		Bars{Title: evil, Parts: []Part{{long, Critical}, {evil, 0}, {"", 0}, {"x", 0}}, Rows: bars, Goal: &Mark{long, 1e9}},
		Trend{Title: evil, Series: []Line{{evil, []Moment{{date(1, 1, 1), nan}, {date(2, 1, 1), 1e300}, {date(9999, 1, 1), -1e300}}}}, Goal: &Mark{long, nan}},
		Dials{Title: evil, Dials: []Dial{{long, 7, share(nan), long}, {evil, -3, share(inf), evil}}},
		Donut{Title: evil, Unit: long, Slices: []Slice{{long, 1e12, 0}, {evil, nan, 0}, {"a", inf, 0}, {"b", -1, 0}, {"c", 1e-9, 0}}},
		Plan{Title: evil, Rows: append(works, Work{Name: evil, Begin: date(9999, 1, 1), Due: date(1, 1, 1), Progress: inf, Note: evil}), Today: date(2026, 1, 3)},
		Timeline{Title: evil, Milestones: stones, Today: date(2026, 1, 3)},
		Chain{Title: evil, Actor: Link{long, []string{long, evil, long, long, long, long, long}}, Vector: Link{evil, nil}, Safeguards: guards, Defence: &Link{long, []string{long}}},
		Histogram{Title: evil, Currency: long, Bins: []Bin{{nan, 1, 5}, {5, 1, 5}, {1, 5, 1 << 40}, {5, inf, 4}, {5, 6, -9}}, Marks: []Mark{{long, 3}}},
		many,
	}
}

func TestHostileDataIsDrawnIntoAPDFToo(t *testing.T) {
	for _, c := range hostile() {
		if len(pdfOf(t, c)) < 1000 {
			t.Errorf("%T: nothing was written", c)
		}
	}
}

func TestMoneyIsShort(t *testing.T) {
	for _, c := range []struct {
		v    float64
		cur  string
		want string
	}{
		{0, "GBP", "£0"}, {950, "GBP", "£950"}, {1200, "GBP", "£1.2k"}, {450e3, "EUR", "€450k"}, {1.2e6, "GBP", "£1.2m"}, {1e6, "USD", "$1m"},
		{999_999, "GBP", "£1m"}, {12_345_678, "GBP", "£12.3m"}, {3e9, "CHF", "CHF\u00a03bn"}, {-2500, "GBP", "−£2.5k"}, {-0.01, "GBP", "£0"},
		{math.NaN(), "GBP", "–"}, {math.Inf(1), "GBP", "£∞"}, {5, "", "5"},
	} {
		if got := Money(c.v, c.cur); got != c.want {
			t.Errorf("Money(%g, %q) = %q, want %q", c.v, c.cur, got, c.want)
		}
	}
}

func TestTicksAreRoundAndInsideTheAxis(t *testing.T) {
	for _, c := range []struct {
		values []float64
		scale  Scale
		want   []float64
	}{
		{[]float64{0, 9.3}, Auto, []float64{0, 2, 4, 6, 8, 10}},
		{[]float64{0, 230e3}, Linear, []float64{0, 50e3, 100e3, 150e3, 200e3, 250e3}},
		{[]float64{1200, 4e6}, Auto, []float64{1e3, 1e4, 1e5, 1e6}},
		{[]float64{100, 900}, Log, []float64{100, 200, 500, 1000}},
	} {
		got := moneyAxis(c.values, c.scale).ticks(5)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.values, diff)
		}
	}
}

func TestACurveIsReadBetweenItsPoints(t *testing.T) {
	c := Curve{Points: []Exceedance{{100, 0.5}, {200, 0.1}, {0, 0.9}}}
	for loss, want := range map[float64]float64{0: 0.9, 50: 0.7, 100: 0.5, 150: 0.3, 900: 0} {
		if got := c.Over(loss); math.Abs(got-want) > 1e-9 {
			t.Errorf("Over(%g) = %g, want %g", loss, got, want)
		}
	}
	for chance, want := range map[float64]float64{0.95: 0, 0.7: 50, 0.5: 100, 0.3: 150, 0.05: 200} {
		if got := c.At(chance); math.Abs(got-want) > 1e-9 {
			t.Errorf("At(%g) = %g, want %g", chance, got, want)
		}
	}
}

func TestBinsHoldEveryYearOnce(t *testing.T) {
	losses := lognormal(5, 1e5, 1.5, 0.6)
	h := Histogram{}.Bin(losses, 30)
	if h.total() != len(losses) {
		t.Errorf("%d years in, %d counted", len(losses), h.total())
	}
	if h.None == 0 || len(h.Bins) != 30 {
		t.Errorf("%d empty years and %d bins", h.None, len(h.Bins))
	}
}

func TestTextKeepsItsContrastInBothThemes(t *testing.T) {
	pairs := [][2]Colour{{Ink, Surface}, {Muted, Surface}, {Ink, Panel}, {Muted, Panel}, {Accent, Surface}, {Accent, AccentSoft}, {Ink, AccentSoft}, {Muted, AccentSoft},
		{Surface, None}, {Surface, Low}, {Surface, Medium}, {Surface, High}, {Surface, Critical},
		{None, NoneSoft}, {Low, LowSoft}, {Medium, MediumSoft}, {High, HighSoft}, {Critical, CriticalSoft}}
	for _, p := range pairs {
		a, b := palette[p[0]], palette[p[1]]
		want := 4.5
		if p[0] == None && p[1] == NoneSoft || p[0] == Surface && p[1] == None {
			want = 3.9 // large figures only
		}
		for _, c := range [][2]uint32{{a.light, b.light}, {a.dark, b.dark}} {
			if got := contrast(c[0], c[1]); got < want {
				t.Errorf("%s on %s has a contrast of %.2f (%06x on %06x)", a.name, b.name, got, c[0], c[1])
			}
		}
	}
}

// contrast ratio after WCAG 2.2.
func contrast(a, b uint32) float64 {
	lum := func(v uint32) float64 {
		part := func(c uint32) float64 {
			s := float64(c&0xFF) / 255
			if s <= 0.04045 {
				return s / 12.92
			}
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		return 0.2126*part(v>>16) + 0.7152*part(v>>8) + 0.0722*part(v)
	}
	x, y := lum(a), lum(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// TestGallery writes pages to look at: go test ./report/chart -run Gallery -gallery /some/folder
func TestGallery(t *testing.T) {
	if *gallery == "" {
		t.Skip("no -gallery folder given: nothing to write")
	}
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []float64{860, 350} {
			var b bytes.Buffer
			fmt.Fprintf(&b, `<!doctype html><html data-theme=%s><meta charset=utf-8><style>%s body{background:var(--chart-surface);color:var(--chart-ink);font-family:sans-serif;margin:20px}figure{margin:0 0 40px}</style>`, theme, CSS())
			for _, c := range samples() {
				w := width
				if tr, ok := c.(Trend); ok && tr.Spark {
					w = 90
				}
				d := c.Draw(w)
				fmt.Fprintf(&b, "<figure><figcaption><b>%s</b></figcaption><br>", d.Title)
				d.SVG(&b)
				b.WriteString("</figure>")
			}
			name := filepath.Join(*gallery, fmt.Sprintf("%s-%g.html", theme, width))
			if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// BenchmarkSVG is one page with every chart on it.
func BenchmarkSVG(b *testing.B) {
	charts := samples()
	for b.Loop() {
		for _, c := range charts {
			if err := c.Draw(760).SVG(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(charts)), "µs/chart")
}
