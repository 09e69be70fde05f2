package io.github.pgbackup.mojo;

import org.fusesource.jansi.Ansi;

/**
 * Maven's colours, used only where Maven uses them ({@code -Dstyle.color}, {@code -B}, no terminal). Since Maven 3.6.3,
 * plugins see one class of Jansi, which knows that setting; in Maven 4 a class of the same name wraps JLine.
 */
enum Style {
    STRONG,
    SUCCESS,
    FAILURE;

    /** Styles a text. The text must not come from outside, because it is not made printable. */
    String of(String text) {
        try {
            Ansi bold = Ansi.ansi().bold();
            Ansi styled = switch (this) {
                case STRONG -> bold;
                case SUCCESS -> bold.fgGreen();
                case FAILURE -> bold.fgRed();
            };
            return styled.a(text).reset().toString();
        } catch (LinkageError e) {
            // A future Maven may not offer that class; then there are no colours.
            return text;
        }
    }
}
