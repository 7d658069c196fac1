# frozen_string_literal: true

# plainmail 0.3.1 -- builds plain text mails. Vendored copy, do not edit; see VERSION.
module Plainmail
  CRLF = "\r\n"

  class BadHeader < ArgumentError; end

  module_function

  def message(from:, to:, subject:, body:)
    headers = { "From" => from, "To" => to, "Subject" => subject,
                "MIME-Version" => "1.0", "Content-Type" => "text/plain; charset=UTF-8" }
    headers.map { |name, value| header(name, value) }.join + CRLF + wrap(body)
  end

  def header(name, value)
    raise BadHeader, name if value.match?(/[\r\n]/)

    "#{name}: #{value}#{CRLF}"
  end

  def wrap(text, width = 76)
    text.lines(chomp: true).flat_map { |line| fold(line, width) }.join(CRLF) + CRLF
  end

  def fold(line, width)
    return [line] if line.length <= width

    line.scan(/\S.{0,#{width - 1}}(?=\s|\z)|\S+/)
  end
end
