// The script of Holdfast. Each part makes something that already works quicker or
// more pleasant; nothing on a page depends on it. It runs under a content
// security policy without eval, inline script or inline style.
import "htmx.org/dist/htmx.esm.js";
import { onContent } from "./js/content";
import { chartTips } from "./js/chart";
import { combobox } from "./js/combobox";
import { copyButtons } from "./js/copy";
import { dialogs } from "./js/dialog";
import { disclosures } from "./js/disclosure";
import { forms } from "./js/form";
import { markdown } from "./js/markdown";
import { menus } from "./js/menu";
import { palette } from "./js/palette";
import { tables } from "./js/table";
import { tabs } from "./js/tabs";
import { tags } from "./js/tags";
import { theme } from "./js/theme";
import { relativeTimes } from "./js/time";
import { toasts } from "./js/toast";

// These listen on the document, and so serve content that arrives later too.
for (const start of [theme, palette, toasts, dialogs, menus, tables, tabs, chartTips, copyButtons, disclosures, forms]) start();

// These prepare elements, now and whenever a fragment arrives.
onContent(combobox);
onContent(tags);
onContent(markdown);
onContent(relativeTimes);
