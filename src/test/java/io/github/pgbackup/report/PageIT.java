package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.Browser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pages in a browser. With {@code -Dpgbackup.pages=DIRECTORY} it keeps them there, with pictures of each first
 * screen in light and dark colours, at both widths, and of each whole page.
 */
final class PageIT {

    private static final int DESKTOP = 1_280;
    private static final int PHONE = 390;

    /** These pages have no element that the others lack; axe takes a second or more for each. */
    private static final Set<String> ALIKE =
            Set.of("fail-1", "fail-30", "fail-5000", "manifest", "not-verified-after-the-source");

    @TempDir
    static Path temporary;

    private static Browser browser;
    private static Path directory;
    private static List<Path> pages;

    @BeforeAll
    static void the_pages_and_a_browser() throws Exception {
        String kept = System.getProperty("pgbackup.pages");
        directory = kept == null ? temporary.resolve("pages") : Path.of(kept).toAbsolutePath();
        pages = Pages.write(Files.createDirectories(directory));
        browser = Browser.start(temporary.resolve("profile"));
    }

    @AfterAll
    static void ends() {
        if (browser != null) {
            browser.close();
        }
    }

    @Test
    void axe_finds_no_violation_in_light_and_dark_on_a_desktop_and_on_a_phone() throws Exception {
        List<String> violations = new ArrayList<>();
        for (Path page : pages) {
            if (ALIKE.contains(page.getParent().getFileName().toString())) {
                continue;
            }
            browser.open(page);
            browser.evaluate(axe() + "; ''");
            for (int width : List.of(DESKTOP, PHONE)) {
                for (boolean dark : List.of(false, true)) {
                    browser.window(width, 800, dark);
                    String found = violations(dark);
                    if (!found.isEmpty()) {
                        violations.add(directory.relativize(page) + " at " + width + (dark ? ", dark" : ", light")
                                + ": " + found);
                    }
                }
            }
        }
        assertThat(violations).isEmpty();
    }

    @Test
    void no_page_is_wider_than_the_window() throws IOException {
        List<String> wider = new ArrayList<>();
        for (Path page : pages) {
            browser.window(DESKTOP, 800, false);
            browser.open(page);
            for (int width : List.of(DESKTOP, PHONE)) {
                browser.window(width, 800, false);
                int needed = Integer.parseInt(browser.evaluate("String(document.documentElement.scrollWidth)"));
                if (needed > width) {
                    wider.add(directory.relativize(page) + " at " + width + ": " + needed);
                }
                if (System.getProperty("pgbackup.pages") != null) {
                    for (boolean dark : List.of(false, true)) {
                        browser.window(width, 800, dark);
                        browser.screenshot(Path.of(
                                page.toString().replace(".html", "-" + width + (dark ? "-dark" : "-light") + ".png")));
                    }
                    int height = Integer.parseInt(browser.evaluate("String(document.documentElement.scrollHeight)"));
                    browser.window(width, Math.min(height, 5_000), false);
                    browser.screenshot(Path.of(page.toString().replace(".html", "-" + width + "-whole.png")));
                }
            }
        }
        assertThat(wider).isEmpty();
    }

    /** Otherwise the test above would pass with a script that finds nothing. */
    @Test
    void axe_finds_a_deliberate_violation() throws IOException {
        Path page = temporary.resolve("wrong.html");
        Files.writeString(
                page,
                "<html lang='en'><title>t</title><main style='background: #fff'><h1>t</h1>"
                        + "<p style='color: #bbb'>too pale</p><img src='data:,'></main></html>");
        browser.open(page);
        browser.evaluate(axe() + "; ''");

        assertThat(violations(false)).contains("color-contrast: ", "image-alt: ");
        assertThat(violations(true)).contains("color-contrast: ");
    }

    /** One line for each violation. In dark mode only the colours differ. */
    private static String violations(boolean dark) {
        String rules = dark ? "runOnly: ['color-contrast', 'link-in-text-block'], " : "";
        return browser.evaluate("axe.run(document, {" + rules + """
                resultTypes: ['violations']}).then(result => result.violations
                    .map(each => each.id + ': ' + each.help + ': '
                        + each.nodes.slice(0, 3).map(node => node.html.slice(0, 200) + ' '
                            + (node.any[0] || node.all[0] || node.none[0] || {message: ''}).message).join(' | '))
                    .join('\\n'))""");
    }

    private static String axe() throws IOException {
        try (InputStream script = PageIT.class.getResourceAsStream("/axe.min.js")) {
            return new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
