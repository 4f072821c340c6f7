#include "presilicon/print.h"

#include <stdarg.h>
#include <string.h>

#include "presilicon/uart.h"

/* What stands between % and the conversion letter. */
struct field {
  int width;
  char fill;
  int left;
};

static int pad(int count, char fill)
{
  for (int i = 0; i < count; i++) uart_put(fill);
  return count > 0 ? count : 0;
}

/* Text in a field; a sign stays in front of padding zeros. */
static int put_field(const struct field *field, char sign, const char *text, int length)
{
  const int missing = field->width - length - (sign != 0);
  int written = length + (sign != 0);
  if (!field->left && field->fill != '0') written += pad(missing, ' ');
  if (sign != 0) uart_put(sign);
  if (!field->left && field->fill == '0') written += pad(missing, '0');
  for (int i = 0; i < length; i++) uart_put(text[i]);
  if (field->left) written += pad(missing, ' ');
  return written;
}

static int put_number(const struct field *field, unsigned long value, unsigned base, const char *digits, char sign)
{
  char text[10];
  int at = sizeof text;
  do {
    text[--at] = digits[value % base];
    value /= base;
  } while (value != 0);
  return put_field(field, sign, text + at, (int)sizeof text - at);
}

static int put_signed(const struct field *field, long value)
{
  const unsigned long magnitude = value < 0 ? 0ul - (unsigned long)value : (unsigned long)value;
  return put_number(field, magnitude, 10, "0123456789", value < 0 ? '-' : 0);
}

static int put_pointer(const void *pointer)
{
  const struct field eight_digits = {8, '0', 0};
  uart_put('0');
  uart_put('x');
  return 2 + put_number(&eight_digits, (unsigned long)pointer, 16, "0123456789abcdef", 0);
}

static const char *parse_field(const char *format, struct field *field)
{
  *field = (struct field){0, ' ', 0};
  for (; *format == '-' || *format == '0'; format++) {
    if (*format == '-') field->left = 1;
    else field->fill = '0';
  }
  for (; *format >= '0' && *format <= '9'; format++) field->width = field->width * 10 + (*format - '0');
  while (*format == 'l') format++;
  return format;
}

int print(const char *format, ...)
{
  va_list arguments;
  struct field field;
  int written = 0;
  va_start(arguments, format);
  for (; *format != 0; format++) {
    if (*format != '%') {
      uart_put(*format);
      written++;
      continue;
    }
    format = parse_field(format + 1, &field);
    if (*format == 0) break;
    /* int and long have the same size in this ABI (ilp32). */
    switch (*format) {
      case 'd':
      case 'i': written += put_signed(&field, va_arg(arguments, long)); break;
      case 'u': written += put_number(&field, va_arg(arguments, unsigned long), 10, "0123456789", 0); break;
      case 'x': written += put_number(&field, va_arg(arguments, unsigned long), 16, "0123456789abcdef", 0); break;
      case 'X': written += put_number(&field, va_arg(arguments, unsigned long), 16, "0123456789ABCDEF", 0); break;
      case 'p': written += put_pointer(va_arg(arguments, const void *)); break;
      case 's': {
        const char *const text = va_arg(arguments, const char *);
        written += put_field(&field, 0, text, (int)strlen(text));
        break;
      }
      case 'c': {
        const char character = (char)va_arg(arguments, int);
        written += put_field(&field, 0, &character, 1);
        break;
      }
      default:
        uart_put(*format);
        written++;
    }
  }
  va_end(arguments);
  return written;
}
