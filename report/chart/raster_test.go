package chart

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var look = flag.String("look", "", "write the samples as pictures into this folder, to look at")

func TestEveryChartIsAlsoAPictureThatIsTheSameEachTime(t *testing.T) {
	for i, c := range samples() {
		d := c.Draw(656)
		img := d.Image(1312)
		if !bytes.Equal(img.Pix, c.Draw(656).Image(1312).Pix) {
			t.Errorf("%s: the same drawing gave another picture", d.Kind)
		}
		if n := inked(img); n < 0.004 {
			t.Errorf("%s: only %.4f of the picture is drawn on", d.Kind, n)
		}
		if *look != "" {
			var b bytes.Buffer
			if err := png.Encode(&b, img); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(*look, fmt.Sprintf("%02d-%s.png", i, d.Kind)), b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// inked is the share of a picture that is not white.
func inked(img *image.RGBA) float64 {
	n := 0
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i] != 255 || img.Pix[i+1] != 255 || img.Pix[i+2] != 255 {
			n++
		}
	}
	return float64(n) / float64(len(img.Pix)/4)
}

func TestAPictureHasItsColoursWhereTheDrawingHasThem(t *testing.T) {
	d := newDrawing("probe", "Probe", 300)
	d.Height = 100
	d.rect(10, 10, 100, 50, 0, paint{fill: Critical})
	d.line(150, 50, 290, 50, paint{stroke: Accent, width: 6})
	d.line(150, 80, 290, 80, paint{stroke: Accent, width: 2, dash: longDash})
	img := d.Image(600)
	want := func(x, y int, c Colour, what string) {
		t.Helper()
		v := c.RGB()
		if got := img.RGBAAt(x, y); got != (color.RGBA{v.R, v.G, v.B, 255}) {
			t.Errorf("%s is %v, want %v", what, got, v)
		}
	}
	want(100, 60, Critical, "the middle of the area")
	want(440, 100, Accent, "the middle of the line")
	want(450, 100, Accent, "a joint of the line")
	gap := false
	for x := 310; x < 570; x++ {
		gap = gap || img.RGBAAt(x, 160) == color.RGBA{255, 255, 255, 255}
	}
	if !gap {
		t.Error("the dashed line has no gap")
	}
	if got := img.RGBAAt(300, 20); got != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("where nothing is drawn there is %v", got)
	}
}

func TestAFileOfItsOwnNeedsNoPage(t *testing.T) {
	for _, c := range samples() {
		var b strings.Builder
		d := c.Draw(656)
		if err := d.FileSVG(&b); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"var(", "pointer-events", "chart-tip"} {
			if strings.Contains(b.String(), bad) {
				t.Errorf("%s: the file holds %q", d.Kind, bad)
			}
		}
	}
}

func BenchmarkImage(b *testing.B) {
	d := samples()[0].Draw(656)
	for b.Loop() {
		d.Image(1312)
	}
}
